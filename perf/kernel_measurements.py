"""What can be measured of the engine's kernels without a GPU."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class OperatorCount:
    """Operators of PyTorch in a call of the runner that compute something, or kernels: what a GPU launches."""

    call: str
    """`prompts` (a prefill and its preparation), `step` (a decode step) or `audio` (a call of the decoder)."""
    without_kernels: int
    with_kernels: int


@dataclass(frozen=True)
class InterpreterError:
    """The largest difference of a kernel, run by Triton's interpreter in float32, from what it stands for."""

    kernel: str
    error: float


@dataclass(frozen=True)
class Machine:
    """What a kernel takes on an architecture."""

    kernel: str
    dtype: str  # of the weights
    architecture: int
    registers: int
    """Of a thread."""
    shared: int
    """Bytes of a block."""
    spilled: int
    """Bytes of a thread that lie in memory, since there are too few registers."""
    tensor_instructions: int
    instructions: int


@dataclass
class KernelResults:
    """The measurements."""

    triton: str  # its version
    operators: list[OperatorCount] = field(default_factory=list)
    errors: list[InterpreterError] = field(default_factory=list)
    compiled: list[Machine] = field(default_factory=list)
