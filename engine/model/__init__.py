"""Soprano's network: the language model, the decoder and the sampler."""
