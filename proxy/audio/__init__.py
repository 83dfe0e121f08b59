"""Samples to bytes: formats, encoders, tempo."""
