"""Measuring: the engine against upstream, and a running server."""
