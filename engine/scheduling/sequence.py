"""One sentence in the engine: the unit of scheduling."""

from dataclasses import replace
from enum import Enum, auto

from engine.request import RETRY_TEMPERATURE, SamplingParameters, SpeechRequest
from engine.speech import Flag, Samples
from text.sentences import Sentence

MAX_NEW_TOKENS = 512
"""Upstream's limit of audio tokens per sentence."""

_TOKENS_PER_PROMPT_TOKEN = 8
_TOKEN_MARGIN = 48


class Stage(Enum):
    """The stage of a sequence."""

    WAITING = auto()  # has no slot
    PREFILL = auto()  # has a slot; its prompt has not been read to the end
    GENERATING = auto()
    DRAINING = auto()  # all states are generated, but some audio is not decoded
    FINISHED = auto()


class Sequence:
    """The state of one sentence; the scheduler and the engine core change it."""

    def __init__(self, request: SpeechRequest, index: int, sentence: Sentence, prompt: list[int]) -> None:
        self.request = request
        self.index = index
        self.sentence = sentence
        self.prompt = prompt
        # A sentence much longer than its text would not end by itself.
        self.token_limit = min(MAX_NEW_TOKENS, _TOKENS_PER_PROMPT_TOKEN * len(prompt) + _TOKEN_MARGIN)
        self.slot = -1
        self.attempt = 0
        self.started = False  # whether any of its audio has been emitted
        self.flag: Flag | None = None  # how its last attempt failed
        self._begin()

    def _begin(self) -> None:
        self.stage = Stage.WAITING if self.slot < 0 else Stage.PREFILL
        self.prompt_read = 0  # tokens of the prompt
        self.states = 0  # audio states
        self.decoded = 0  # states that have gone into the decoder, padding after the last one included
        self.audio: list[Samples] = []  # decoded, not emitted

    @property
    def sampling(self) -> SamplingParameters:
        """The sampling parameters of this attempt."""
        sampling = self.request.sampling
        if self.attempt and sampling.temperature == 0:
            return replace(sampling, temperature=RETRY_TEMPERATURE)
        return sampling

    @property
    def seed(self) -> int:
        """The seed of this attempt's noise."""
        return self.request.sampling.sentence_seed(self.sentence.text, self.attempt)

    @property
    def audio_samples(self) -> int:
        """Decoded samples that are not emitted."""
        return sum(map(len, self.audio))

    @property
    def may_retry(self) -> bool:
        """Whether another attempt is allowed: none of its audio has been emitted, and retries are left."""
        return not self.started and self.attempt < self.request.sampling.retries

    def retry(self) -> None:
        """Discard this attempt and begin the next one in the same slot."""
        self.attempt += 1
        self._begin()

    def restart(self) -> None:
        """Discard this attempt and give up the slot; the attempt number stays."""
        self.slot = -1
        self.flag = None
        self._begin()

    def take_audio(self) -> list[Samples]:
        """Return the decoded audio and clear it."""
        audio, self.audio = self.audio, []
        self.started = self.started or bool(audio)
        return audio
