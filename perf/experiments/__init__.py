"""The experiments: one file a subcommand of `python -m perf`."""
