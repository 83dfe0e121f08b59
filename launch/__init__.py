"""The command line: it finds, starts, monitors and stops Triton and the proxy."""
