"""Child processes and the connections to them. Loads no PyTorch."""
