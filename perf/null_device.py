"""A device that computes nothing: the engine's own scheduler, core and runner, with the buckets and the lag of a GPU.

Each sentence has a length that was drawn before. With costs, the device is a clock: it tells how long a real one would
have taken, and the host waits for it as it would for a GPU.
"""

import gc
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.checkpoint.load import Checkpoint, load
from engine.kernels.operators import FusedOperators
from engine.model.sentence_table import Ending
from engine.runtime.cuda_graphs import CudaGraphExecution
from engine.runtime.model_runner import Prompt, Runner
from engine.scheduling.engine_core import EngineCore
from engine.scheduling.scheduler import Scheduler
from engine.scheduling.sequence import MAX_NEW_TOKENS
from text.sentences import LONGEST_SENTENCE

_STATE_SAMPLES = 2048
_FACTS = 5
_FLUSH_STATES = 3


@dataclass(frozen=True)
class DeviceCost:
    """Seconds that a device takes; rows between those given are interpolated."""

    step_rows: tuple[int, ...]
    step_seconds: tuple[float, ...]
    audio_call: float
    audio_state: float
    prompt_call: float
    prompt_token: float
    launch: float  # of the host, for each graph

    def step(self, rows: int) -> float:
        """Return the duration of a decode step."""
        return float(np.interp(rows, self.step_rows, self.step_seconds))


MEASURED = DeviceCost((1, 64, 256, 1024), (1.19e-3, 1.39e-3, 1.76e-3, 3.2e-3), 0.62e-3, 1.2e-6, 3e-3, 1e-6, 60e-6)
"""An H100: steps up to 256 rows as measured; 1,024 rows, the decoder and prompts estimated."""

FUSED = DeviceCost((1, 64, 256, 1024), (0.3e-3, 0.32e-3, 0.5e-3, 1.2e-3), 0.15e-3, 0.7e-6, 0.3e-3, 1e-6, 20e-6)
"""The same with fused kernels and captured prompts: an estimate, nothing of it was measured."""


class DeviceClock:
    """The time on the host, and when the device will have done what it was given."""

    def __init__(self, cost: DeviceCost | None) -> None:
        self.cost = cost
        self._given = 0.0
        self._waited = 0.0
        self._free = 0.0
        self._begun = time.thread_time()

    def now(self) -> float:
        """The seconds since the start: those that the host computed, and those that it waited."""
        return time.thread_time() - self._begun + self._waited

    @property
    def busy(self) -> float:
        """Seconds in which the device has worked."""
        return self._given - max(0.0, self._free - self.now())

    def give(self, seconds: float, launch: float) -> float:
        """Give work to the device; return when it will be done."""
        self._waited += launch
        self._free = max(self._free, self.now()) + seconds
        self._given += seconds
        return self._free

    def sleep(self, seconds: float) -> None:
        """Let the host do nothing."""
        self._waited += seconds

    def wait(self, until: float) -> None:
        """Let the host wait for the device."""
        self._waited += max(0.0, until - self.now())


class NullExecution(CudaGraphExecution):
    """Runs nothing; `audio_of` answers for the decoder."""

    def __init__(self, clock: DeviceClock) -> None:
        self.operators = FusedOperators()
        self.clock = clock
        self.audio_calls = self.audio_rows = 0
        self.audio_of: Callable[[int, int], Tensor]
        self._done = 0.0

    def upload(self, values: NDArray[np.generic]) -> Tensor:
        """Return the values as a tensor."""
        return torch.from_numpy(values)

    def run(self, key: Hashable | None, function: Callable[[], Tensor]) -> Tensor:  # noqa: ARG002 - the protocol's
        """Note what would have run."""
        match key:
            case "audio", int(rows), int(count):
                self.audio_calls += 1
                self.audio_rows += rows
                self._give(lambda cost: cost.audio_call + rows * count * cost.audio_state)
                return self.audio_of(rows, count)
            case "prompts", int(tokens):
                self._give(lambda cost: cost.prompt_call + tokens * cost.prompt_token)
                return torch.zeros(1, 1).expand(tokens, 1)
            case "step", int(rows), _:
                self._give(lambda cost: cost.step(rows))
        return torch.zeros(0)

    def _give(self, seconds: Callable[[DeviceCost], float]) -> None:
        if (cost := self.clock.cost) is not None:
            self._done = self.clock.give(seconds(cost), cost.launch)

    def read_back(self, result: Tensor) -> Callable[[], Tensor]:
        """Return a function that waits for the device."""
        done = self._done

        def read() -> Tensor:
            self.clock.wait(done)
            return result

        return read


class NullRunner(Runner):
    """A runner whose sentences have the lengths that `length_of` says."""

    def __init__(
        self, checkpoint: Checkpoint, slots: int, execution: NullExecution, length_of: Callable[[Prompt], int]
    ) -> None:
        self._length_of = length_of
        super().__init__(
            checkpoint,
            slots=slots,
            max_prompt=LONGEST_SENTENCE + 3,
            max_new=MAX_NEW_TOKENS,
            dtype=torch.bfloat16,
            execution=execution,
            quantise=True,
        )
        execution.audio_of = self._audio_of
        self._lengths = np.zeros(self.slots + 1, dtype=np.int32)
        self._made = np.zeros(self.slots + 1, dtype=np.int32)
        self._decoded = np.zeros(self.slots + 1, dtype=np.int32)
        self._results: dict[tuple[int, int, int], list[NDArray[np.int16]]] = {}

    def measure_steps(self) -> list[tuple[int, float]]:
        """Return what a fast device would."""
        return [(1, 1e-4), (self.slots, 1e-3)]

    def _begin(self, prompts: Sequence[Prompt]) -> None:
        super()._begin(prompts)
        for prompt in prompts:
            self._lengths[prompt.slot] = self._length_of(prompt)
            self._made[prompt.slot] = self._decoded[prompt.slot] = 0

    def _audio_of(self, rows: int, count: int) -> Tensor:
        slots = self._heard[:rows].numpy()
        made = np.minimum(self._made[slots] + count, self._lengths[slots])
        ended = self._made[slots] + count > self._lengths[slots]
        decoded = self._decoded[slots]
        self._made[slots] = made
        self._decoded[slots] = decoded + count
        complete = ended & (decoded + count >= made + _FLUSH_STATES)
        stop = np.where(ended, np.clip(made - 1 - decoded, 0, count), count) * _STATE_SAMPLES
        facts = np.stack((made, np.where(ended, Ending.END_TOKEN, Ending.NONE), complete, 0 * stop, stop), axis=1)
        result = self._result(int(slots[0]), rows, count)
        result[:, : 2 * _FACTS] = np.ascontiguousarray(facts, dtype=np.int32).view(np.int16)
        return torch.from_numpy(result)

    def _result(self, first: int, rows: int, count: int) -> NDArray[np.int16]:
        """One of two buffers in turn for each part of a beat, since a result is read while the next is made."""
        shape = (rows, 2 * _FACTS + count * _STATE_SAMPLES)
        buffers = self._results.setdefault((first, rows, count), [np.zeros(shape, np.int16) for _ in range(2)])
        buffers.reverse()
        return buffers[0]


@dataclass(frozen=True)
class NullEngine:
    """An engine core on a null device."""

    core: EngineCore
    runner: NullRunner
    execution: NullExecution
    scheduler: Scheduler


def null_engine(
    checkpoint: Path, slots: int, length_of: Callable[[Prompt], int], cost: DeviceCost | None = None
) -> NullEngine:
    """Return an engine of `slots` slots; the checkpoint's weights are not used.

    What is in memory is frozen for the garbage collector, as the engine process does.
    """
    clock = DeviceClock(cost)
    execution = NullExecution(clock)
    weights = load(checkpoint, dtype=torch.bfloat16, device=torch.device("cpu"))
    runner = NullRunner(weights, slots, execution, length_of)
    scheduler = Scheduler(slots, execution.prefill_tokens)
    core = EngineCore(scheduler, runner, on_closed=lambda: None, clock=clock.now if cost else time.perf_counter)
    gc.unfreeze()  # the engine before
    gc.collect()
    gc.freeze()
    return NullEngine(core, runner, execution, scheduler)
