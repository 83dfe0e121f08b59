"""Steps as CUDA graphs: for this small model, launching a kernel takes longer than running it."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.runtime.device import operators_of
from engine.runtime.execution import round_up


@dataclass(frozen=True)
class _Captured:
    graph: torch.cuda.CUDAGraph
    result: Tensor


class CudaGraphExecution:
    """Captures each function once and replays it; sizes are rounded up to a few buckets.

    All graphs share one memory pool, so that together they need only as much memory as the largest. They are replayed
    one after the other in one stream, and each result is cloned before the next replay can overwrite it.
    """

    lag = 1
    prompt_tokens = 4096
    prefill_tokens = 16384
    beats: tuple[int, ...] = (4, 8)
    states_at_once = 8192
    first_slots = False

    def __init__(self, device: torch.device) -> None:
        if device.index is not None:
            torch.cuda.set_device(device)  # where Triton launches its kernels
        self._device = device
        self.operators = operators_of(device)
        self._pool = torch.cuda.graph_pool_handle()
        self._captured: dict[Hashable, _Captured] = {}
        self._copies = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        # One for all captures: cuBLAS keeps a workspace of 32 MB for each stream.
        self._side = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]

    def rows(self, needed: int, limit: int) -> int:
        """Return the next bucket: 1, 2, 4, 8, and above that at most a quarter more than `needed`."""
        return row_bucket(needed, limit)

    def span(self, needed: int, limit: int) -> int:  # noqa: ARG002 - the protocol's
        """Return `limit`, since a graph serves sentences of any length. Kernels read no further than they need to."""
        return limit

    def tokens(self, needed: int) -> int:
        """Return the next multiple of 64 and of an eighth of the next power of two."""
        return _bucket(needed, least=64)

    def token_sizes(self) -> list[int]:
        """Return every bucket."""
        return sorted({self.tokens(needed) for needed in range(1, self.prompt_tokens + 1)})

    def row_sizes(self, limit: int) -> list[int]:
        """Return every bucket."""
        return sorted({row_bucket(needed, limit) for needed in range(1, limit + 1)})

    def upload(self, values: NDArray[np.generic]) -> Tensor:
        """Copy from pinned memory; from pageable memory, the host would wait for the device's current step."""
        return torch.from_numpy(values).pin_memory().to(self._device, non_blocking=True)

    def run(self, key: Hashable | None, function: Callable[[], Tensor]) -> Tensor:
        """Replay the function's graph; the first call with a key captures it. Without a key, call the function.

        The libraries have to be initialised before a capture, so the first call runs the function several times. Make
        the first call while no row is active: a step does not change idle rows.
        """
        if key is None:
            return function()
        captured = self._captured.get(key)
        if captured is None:
            captured = self._captured[key] = self._capture(function)
        captured.graph.replay()
        return captured.result.clone()

    def read_back(self, result: Tensor) -> Callable[[], Tensor]:
        """Copy in a second stream, so that the copy overlaps with the next step."""
        host = torch.empty(result.shape, dtype=result.dtype, pin_memory=True)
        self._copies.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(self._copies):
            host.copy_(result, non_blocking=True)
            done = torch.cuda.Event()  # type: ignore[no-untyped-call]
            done.record()
        # The allocator must not reuse its memory before the copy is complete.
        result.record_stream(self._copies)

        def wait() -> Tensor:
            done.synchronize()
            return host

        return wait

    def _capture(self, function: Callable[[], Tensor]) -> _Captured:
        main = torch.cuda.current_stream(self._device)
        self._side.wait_stream(main)
        with torch.cuda.stream(self._side):
            for _ in range(2):
                function()
        main.wait_stream(self._side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool, stream=self._side):
            result = function()
        return _Captured(graph, result)


def row_bucket(needed: int, limit: int) -> int:
    """Return 1, 2, 4 or 8, above that a multiple of an eighth of the next power of two; at most `limit`."""
    bucket = 1 << (needed - 1).bit_length() if needed <= 8 else _bucket(needed, least=8)
    return min(bucket, limit)


def _bucket(needed: int, least: int) -> int:
    """Return the next multiple of `least` and of an eighth of the next power of two."""
    return round_up(needed, max(least, (1 << (needed - 1).bit_length()) // 8))
