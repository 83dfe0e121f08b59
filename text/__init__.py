"""Text preparation: normalisation, sentence splitting and tokenisation. Loads no PyTorch."""
