"""Kernels in OpenAI Triton, one for each file, for the parts of the models that PyTorch computes in many operators.

Each file has the kernel (`@triton.jit`), the function that launches it, and an operator of PyTorch's dispatcher: on a
GPU the kernel, on a CPU what the kernel stands for. So a CPU can check what a GPU would run: Triton's interpreter runs
the kernels on a CPU's tensors, and the engine runs with the operators. Importing these files needs Triton.
"""
