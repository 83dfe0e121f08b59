"""What is written, turned into what is said. Loads no PyTorch."""
