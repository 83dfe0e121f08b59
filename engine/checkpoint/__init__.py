"""Checkpoints: where they come from, what is in them, and synthetic ones."""
