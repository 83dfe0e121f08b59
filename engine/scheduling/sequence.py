"""One sentence on its way through the engine: the unit of scheduling."""

from dataclasses import replace
from enum import Enum, auto

from engine.request import RETRY_TEMPERATURE, SamplingParameters, SpeechRequest
from engine.speech import Flag, Samples
from text.sentences import Sentence

MAX_NEW_TOKENS = 512
"""Upstream's limit of audio tokens to a sentence."""

_TOKENS_PER_PROMPT_TOKEN = 8
_TOKEN_MARGIN = 48


class Stage(Enum):
    """Where a sequence stands."""

    WAITING = auto()  # has no slot
    PREFILL = auto()  # has a slot, its prompt or the rest of it is to be read
    GENERATING = auto()  # one token a step
    DRAINING = auto()  # every state is there, some of its audio is not
    FINISHED = auto()


class Sequence:
    """Plain state; the scheduler and the engine move it along."""

    def __init__(self, request: SpeechRequest, index: int, sentence: Sentence, prompt: list[int]) -> None:
        self.request = request
        self.index = index
        self.sentence = sentence
        self.prompt = prompt
        # A sentence that runs far beyond its text does not end by itself.
        self.token_limit = min(MAX_NEW_TOKENS, _TOKENS_PER_PROMPT_TOKEN * len(prompt) + _TOKEN_MARGIN)
        self.slot = -1
        self.attempt = 0
        self.started = False  # whether any of its audio has been handed over
        self.flag: Flag | None = None  # what went wrong with it for good
        self._begin()

    def _begin(self) -> None:
        self.stage = Stage.WAITING if self.slot < 0 else Stage.PREFILL
        self.prompt_read = 0  # tokens of the prompt
        self.states = 0  # hidden states that count as audio, as of its last feed
        self.audio: list[Samples] = []  # decoded, not handed over

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
        return self.request.sentence_seed(self.index, self.attempt)

    @property
    def audio_samples(self) -> int:
        """Samples that wait to be handed over."""
        return sum(map(len, self.audio))

    @property
    def may_retry(self) -> bool:
        """Whether it can be made anew without anybody having heard the first try."""
        return not self.started and self.attempt < self.request.sampling.retries

    def retry(self) -> None:
        """Forget this attempt; the slot stays."""
        self.attempt += 1
        self._begin()

    def restart(self) -> None:
        """Forget everything, the slot too."""
        self.slot = -1
        self._begin()

    def take_audio(self) -> list[Samples]:
        """Hand over what has been decoded."""
        audio, self.audio = self.audio, []
        self.started = self.started or bool(audio)
        return audio
