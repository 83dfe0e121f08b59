"""Compiles kernels for GPUs that are not there, and reads from the machine code what they take."""

import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
import triton
from triton.backends.compiler import GPUTarget
from triton.runtime import driver

from perf.kernel_cases import PUBLISHED, Case, cases
from perf.kernel_measurements import Machine

SHARED_MEMORY: Mapping[int, int] = {80: 166_912, 90: 232_448, 120: 101_376}
"""The bytes of shared memory that a block may use, by architecture: A100, H100, and RTX of the 50 series."""
_CUOBJDUMP = Path(triton.__file__).parent / "backends/nvidia/bin/cuobjdump"


class _CompilingDriver:
    """Triton's driver of a GPU that is not there: what is launched is compiled and kept, but does not run."""

    def __init__(self, architecture: int) -> None:
        self._architecture = architecture
        self.binaries: list[tuple[bytes, int]] = []
        self.launcher_cls = lambda *_: lambda *_: None
        self.utils = SimpleNamespace(load_binary=self._load, get_device_properties=self._properties)

    def get_current_target(self) -> Any:  # noqa: ANN401 - Triton has no types
        return GPUTarget("cuda", self._architecture, 32)

    def get_current_device(self) -> int:
        return self._architecture  # a device of its own, since Triton keeps what it has compiled for each

    def get_current_stream(self, device: int) -> int:  # noqa: ARG002 - the driver's interface
        return 0

    def _load(self, name: str, binary: bytes, shared: int, device: int) -> tuple[None, None, int, int, int]:  # noqa: ARG002 - the driver's
        self.binaries.append((binary, shared))
        return None, None, 0, 0, 1024

    def _properties(self, device: int) -> dict[str, int]:
        return {"max_shared_mem": SHARED_MEMORY[device]}


@contextmanager
def _active(compiling: _CompilingDriver) -> Iterator[None]:
    driver.set_active(compiling)
    try:
        yield
    finally:
        driver.set_active(None)


def compile_all(architectures: Sequence[int]) -> list[Machine]:
    """Compile all kernels at the published model's size, in both precisions.

    Raises Triton's errors if one does not compile, or takes more shared memory than there is. `TRITON_INTERPRET` must
    not have been set when Triton was imported.
    """
    return [
        machine
        for architecture in architectures
        for dtype in (torch.bfloat16, torch.float32)
        for case in cases(PUBLISHED, dtype)
        for machine in _compile(case, dtype, architecture)
    ]


def _compile(case: Case, dtype: torch.dtype, architecture: int) -> Iterator[Machine]:
    """Yield what a case launches, but for what was launched before in this process."""
    compiling = _CompilingDriver(architecture)
    with _active(compiling):
        case.run(case.launch)
    for binary, shared in compiling.binaries:
        yield _examine(case.name, str(dtype).removeprefix("torch."), architecture, binary, shared)


def _examine(kernel: str, dtype: str, architecture: int, binary: bytes, shared: int) -> Machine:
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(binary)
        file.flush()
        usage, code = (
            subprocess.run([_CUOBJDUMP, option, file.name], check=True, capture_output=True, text=True).stdout
            for option in ("--dump-resource-usage", "-sass")
        )
    taken = {name: int(value) for name, value in re.findall(r"(REG|STACK|LOCAL):(\d+)", usage)}
    instructions = re.findall(r"^\s+/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\w+ )?([A-Z0-9]+)", code, re.MULTILINE)
    return Machine(
        kernel,
        dtype,
        architecture,
        registers=taken["REG"],
        shared=shared,
        spilled=taken["STACK"] + taken["LOCAL"],
        tensor_instructions=sum(name.endswith("MMA") for name in instructions),
        instructions=len(instructions),
    )
