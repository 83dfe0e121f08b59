"""Processes of the engine's, and connections to them. Loads no PyTorch."""
