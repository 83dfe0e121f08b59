"""Batched Soprano inference: text in, audio out. Knows neither Triton nor HTTP."""
