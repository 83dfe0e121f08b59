"""Loads a checkpoint and builds the engine core on it, for the engine's thread or process."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import torch

from engine.checkpoint.load import Checkpoint, load
from engine.checkpoint.locate import resolve
from engine.request import SpeechRequest
from engine.runtime.cuda_graphs import CudaGraphExecution
from engine.runtime.device import slots_of, torch_device, torch_dtype
from engine.runtime.execution import EagerExecution, Execution
from engine.runtime.model_runner import Runner
from engine.scheduling.engine_core import EngineCore
from engine.scheduling.scheduler import Scheduler
from engine.scheduling.sequence import MAX_NEW_TOKENS, Sequence
from engine.scheduling.utterance import Utterance
from engine.settings import EngineSettings
from engine.speech import AudioSink
from ipc.cores import usable_cores
from text.preparation import PreparedSentence
from text.sentences import LONGEST_SENTENCE

_PROMPT_TOKENS_OF_SLOT = 8  # in each beat: a sentence of about 80 tokens lasts for about 10 beats
_PROMPT_FRAME = 3  # [STOP][TEXT] … [START]


@dataclass(frozen=True)
class LoadedEngine:
    """A checkpoint and the engine core that runs it. Must be used on the thread that loaded it.

    Each thread that computes gets its own OpenMP team. With more OpenMP threads than cores, libgomp suspends idle
    threads at once instead of letting them spin, which halves the speed of every step.
    """

    settings: EngineSettings
    checkpoint: Checkpoint
    core: EngineCore

    def add(
        self, request: SpeechRequest, sentences: Iterable[PreparedSentence], sink: AudioSink, arrived: float
    ) -> Utterance:
        """Add a request whose audio goes to `sink`; `arrived` is its arrival time by `time.perf_counter`."""
        sequences = [Sequence(request, index, each.sentence, each.prompt) for index, each in enumerate(sentences)]
        utterance = Utterance(request, sequences, sink, self.settings.buffered_seconds, arrived)
        self.core.add(utterance)
        return utterance


def load_engine(
    settings: EngineSettings,
    *,
    execution: Execution | None = None,
    on_closed: Callable[[], None] = lambda: None,
    on_begun: Callable[[Collection[Utterance]], None] = lambda _: None,
    arrived: Callable[[], bool] = lambda: False,
    quantise: bool = False,
) -> LoadedEngine:
    """Load the checkpoint that `settings` name. Raises `CheckpointError` and `InvalidSettings`.

    `execution` says how steps are run; by default the device decides. `on_closed`, `on_begun` and `arrived` are passed
    to `EngineCore`, `quantise` to `Runner`.
    """
    torch.set_num_threads(settings.threads or usable_cores())
    device = torch_device(settings.device)
    dtype = torch_dtype(settings.dtype, device)
    # By default cuDNN rounds the inputs of convolutions to TF32 (10 bits), also for float32.
    torch.backends.cudnn.allow_tf32 = False
    checkpoint = load(resolve(settings.checkpoint), dtype=dtype, device=device)
    chosen = execution or _execution(device)
    slots = settings.slots or slots_of(device)
    runner = Runner(
        checkpoint,
        slots=slots,
        max_prompt=LONGEST_SENTENCE + _PROMPT_FRAME,
        max_new=MAX_NEW_TOKENS,
        dtype=dtype,
        execution=chosen,
        quantise=quantise,
    )
    core = EngineCore(
        Scheduler(slots, settings.prefill_tokens or _prefill_tokens(slots, chosen)),
        runner,
        on_closed=on_closed,
        on_begun=on_begun,
        arrived=arrived,
        first_audio_deadline=settings.first_audio_deadline,
        chunk_wait=settings.chunk_wait,
    )
    return LoadedEngine(settings, checkpoint, core)


def _prefill_tokens(slots: int, execution: Execution) -> int:
    """Return how many prompt tokens to read before a beat, so that sentences begin as fast as they end."""
    return max(execution.prefill_tokens, _PROMPT_TOKENS_OF_SLOT * slots)


def _execution(device: torch.device) -> Execution:
    return CudaGraphExecution(device) if device.type == "cuda" else EagerExecution()
