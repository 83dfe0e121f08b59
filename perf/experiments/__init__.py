"""The experiments: one file for each subcommand of `python -m perf`."""
