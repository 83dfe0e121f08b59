"""Checkpoints: locating, downloading, loading, and writing synthetic ones."""
