"""A checkpoint that is loaded, with the loop body that speaks with it: what an engine's thread or process owns."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import torch

from engine.checkpoint.load import Checkpoint, load
from engine.checkpoint.locate import resolve
from engine.request import SpeechRequest
from engine.runtime.cores import usable_cores
from engine.runtime.cuda_graphs import CudaGraphExecution
from engine.runtime.device import torch_device, torch_dtype
from engine.runtime.execution import EagerExecution, Execution
from engine.runtime.model_runner import Runner
from engine.scheduling.engine_core import EngineCore
from engine.scheduling.scheduler import Scheduler
from engine.scheduling.sequence import MAX_NEW_TOKENS, Sequence
from engine.scheduling.utterance import Utterance
from engine.settings import EngineSettings
from engine.speech import AudioSink
from text.preparation import PreparedSentence
from text.sentences import LONGEST_SENTENCE

_PROMPT_FRAME = 3  # [STOP][TEXT] … [START]


@dataclass(frozen=True)
class LoadedEngine:
    """Everything that computes. For one thread, the one that loaded it.

    Every thread that computes gets an OpenMP team of its own, and with more threads than cores libgomp puts the idle
    ones to sleep at once, which halves the speed of every step.
    """

    settings: EngineSettings
    checkpoint: Checkpoint
    core: EngineCore

    def add(
        self, request: SpeechRequest, sentences: Iterable[PreparedSentence], sink: AudioSink, arrived: float
    ) -> Utterance:
        """Take in a request whose audio goes to `sink`."""
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
    quantise: bool = False,
) -> LoadedEngine:
    """Load the checkpoint that `settings` name. Raises `CheckpointError` and `InvalidSettings`.

    How a step is run follows from the device, unless an `execution` is given; `on_closed`, `on_begun` and
    `quantise` are the core's.
    """
    torch.set_num_threads(settings.threads or usable_cores())
    device = torch_device(settings.device)
    dtype = torch_dtype(settings.dtype, device)
    # Without it, cuDNN rounds what it convolves to the ten bits of TF32, and who asks for float32 wants more.
    torch.backends.cudnn.allow_tf32 = False
    checkpoint = load(resolve(settings.checkpoint), dtype=dtype, device=device)
    runner = Runner(
        checkpoint,
        slots=settings.slots,
        max_prompt=LONGEST_SENTENCE + _PROMPT_FRAME,
        max_new=MAX_NEW_TOKENS,
        dtype=dtype,
        execution=execution or _execution(device),
    )
    core = EngineCore(
        Scheduler(settings.slots, settings.prefill_tokens),
        runner,
        on_closed=on_closed,
        on_begun=on_begun,
        first_audio_deadline=settings.first_audio_deadline,
        chunk_wait=settings.chunk_wait,
        quantise=quantise,
    )
    return LoadedEngine(settings, checkpoint, core)


def _execution(device: torch.device) -> Execution:
    return CudaGraphExecution(device) if device.type == "cuda" else EagerExecution()
