"""The command line: finds, starts, watches and stops Triton and the proxy."""
