"""The training and the evaluation of the built-in voice: a small Soprano model that learns from a free synthesiser."""
