"""Tests of the kernels, by Triton's interpreter."""
