"""Measurements: the engine compared with upstream, and running servers under load."""
