"""Has teachers and voices speak texts that none was trained on, and measures the result."""

import os
from collections.abc import Callable, Iterable, Sequence

from measuring.host import Facts
from voices.evaluation.joins import Joins
from voices.evaluation.recogniser import Recogniser
from voices.evaluation.results import Misheard, Results, Sounding, System, Understanding
from voices.evaluation.sound import Sound
from voices.evaluation.speaker import Clip, Speaker, SpeechOptions
from voices.evaluation.verdicts import REFERENCE
from voices.evaluation.word_errors import WordErrors, comparable_words, repeats

VARIANTS = (
    SpeechOptions(REFERENCE),
    *(SpeechOptions(audio_format) for audio_format in ("mp3", "opus", "aac", "flac", "wav")),
    SpeechOptions(REFERENCE, 0.8),
    SpeechOptions(REFERENCE, 1.25),
)

_PICTURED = 3  # sentences
_PARAGRAPH = 4  # sentences
_PARAGRAPHS = 10

Say = Callable[[str], None]


class Evaluation:
    """Evaluates systems, one after the other, on `sentences` and on `hard` texts.

    `results` grows with every call. `pictured` has the first sounds of each system.
    """

    def __init__(self, facts: Facts, checkpoint: str, sentences: Sequence[str], hard: Sequence[str], say: Say) -> None:
        self.results = Results(facts, checkpoint, len(sentences), len(hard))
        self.pictured: dict[str, list[Sound]] = {}
        self._sentences = sentences
        self._hard = hard
        self._say = say
        self._recogniser = Recogniser(len(os.sched_getaffinity(0)))

    @property
    def pictured_sentences(self) -> Sequence[str]:
        """The texts of the sounds in `pictured`."""
        return self._sentences[:_PICTURED]

    def measure(self, name: str, speak: Callable[[Sequence[str]], Iterable[Clip]]) -> None:
        """Evaluate a system: `speak` returns the clip of each text, in their order. Raises `VoiceError`."""
        # First all the speech, then the recognition: a recogniser on the same cores would make the engine too slow.
        self._say(f"{name} reads {len(self._sentences)} sentences and {len(self._hard)} hard texts")
        clips, hard = (list(speak(texts)) for texts in (self._sentences, self._hard))
        self._say(f"{name} is listened to")
        sounds = [clip.sound for clip in clips]
        self.results.systems[name] = System(
            held_out=self._understand(self._sentences, clips),
            hard=self._understand(self._hard, hard),
            sounding=Sounding.of(self._sentences, sounds),
        )
        self.pictured[name] = sounds[:_PICTURED]

    def measure_variants(self, speaker: Speaker, variants: Sequence[SpeechOptions] = VARIANTS) -> None:
        """Evaluate how every format and speed of a voice is understood. Raises `VoiceError`."""
        for options in variants:
            self._say(f"{options}")
            clips = [Clip(speaker.say(text, options)) for text in self._sentences]
            self.results.variants[str(options)] = self._understand(self._sentences, clips).errors

    def measure_joins(self, speaker: Speaker) -> None:
        """Look for clicks between the sentences of paragraphs. Raises `VoiceError`."""
        self._say("joins")
        texts = self._sentences[: _PARAGRAPH * _PARAGRAPHS]
        paragraphs = [" ".join(texts[start : start + _PARAGRAPH]) for start in range(0, len(texts), _PARAGRAPH)]
        self.results.joins = Joins.of(map(speaker.say_timed, paragraphs))

    def _understand(self, texts: Sequence[str], clips: Sequence[Clip]) -> Understanding:
        heard = [self._recogniser.text(clip.sound) for clip in clips]
        pairs = [(comparable_words(text), comparable_words(words)) for text, words in zip(texts, heard, strict=True)]
        errors = [WordErrors.of(*pair) for pair in pairs]
        misheard = [Misheard(*each) for *each, wrong in zip(texts, heard, errors, strict=True) if wrong.errors]
        return Understanding(
            errors=WordErrors.total(errors),
            repeated=sum(repeats(*pair) for pair in pairs),
            unfinished=sum(bool(clip.warnings) for clip in clips),
            misheard=misheard,
        )
