"""The subcommands of `soprano`, one file each."""
