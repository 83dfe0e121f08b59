"""The training of the voice's two networks."""
