"""Has a voice speak held-out sentences in every format, and measures the result."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import fmean

from measuring.host import Facts
from voices.evaluation.joins import Joins
from voices.evaluation.level import Level
from voices.evaluation.likeness import Spectrum, mel_distance, mel_spectrum
from voices.evaluation.recogniser import Recognisers
from voices.evaluation.results import Likeness, Misheard, Results, Sounding
from voices.evaluation.silence import Silence
from voices.evaluation.sound import Sound
from voices.evaluation.speaker import Speaker, SpeechOptions
from voices.evaluation.verdicts import REFERENCE, TEACHER, VOICE
from voices.evaluation.word_errors import WordErrors, spoken_words

VARIANTS = (
    SpeechOptions(REFERENCE),
    *(SpeechOptions(audio_format) for audio_format in ("mp3", "opus", "aac", "flac", "wav")),
    SpeechOptions(REFERENCE, 0.8),
    SpeechOptions(REFERENCE, 1.25),
)

_AT_ONCE = 2
_PARAGRAPH = 4  # sentences
_PARAGRAPHS = 10

Say = Callable[[str], None]


class Evaluation:
    """Evaluates the voice behind `speaker` on `sentences`, and compares it with the teacher, which `teach` calls.

    `run` returns the results. Afterwards `spectra` has, for each sentence, both mel spectra, the teacher's first.
    """

    def __init__(self, sentences: Sequence[str], speaker: Speaker, recognisers: Recognisers, say: Say) -> None:
        self._sentences = sentences
        self._said = [spoken_words(text) for text in sentences]
        self._speaker = speaker
        self._recognisers = recognisers
        self._say = say
        self.spectra: list[tuple[str, Spectrum, Spectrum]] = []

    def run(
        self, checkpoint: str, facts: Facts, teach: Callable[[str], Sound], variants: Sequence[SpeechOptions] = VARIANTS
    ) -> Results:
        """Evaluate the teacher and then the voice; the first of `variants` is the reference for the others.

        Raises `VoiceError`.
        """
        self._say(f"{TEACHER} reads {len(self._sentences)} sentences")
        taught = [teach(text) for text in self._sentences]
        teacher_words = self._understand(taught)
        results = Results(facts, checkpoint, len(self._sentences), self._total(teacher_words))
        for options in variants:
            self._say(f"{VOICE} reads them: {options}")
            # First all the speech, then the recognition: recognisers on the same cores would make the engine too slow.
            voice_words = self._understand(self._spoken(options))
            results.voice[str(options)] = self._total(voice_words)
            results.misheard = results.misheard or self._misheard(voice_words, teacher_words)
        self._say("levels, spectra and joins")
        self._compare(results, self._spoken(SpeechOptions("wav")), taught)
        results.joins = Joins.of(map(self._speaker.say_timed, self._paragraphs()))
        return results

    def _spoken(self, options: SpeechOptions) -> list[Sound]:
        with ThreadPoolExecutor(_AT_ONCE) as listeners:
            return list(listeners.map(partial(self._speaker.say, options=options), self._sentences))

    def _understand(self, sounds: Sequence[Sound]) -> list[list[str]]:
        return list(self._recognisers.words(sounds))

    def _total(self, recognised: Sequence[Sequence[str]]) -> WordErrors:
        return WordErrors.total(map(WordErrors.of, self._said, recognised))

    def _misheard(self, voice_words: Sequence[Sequence[str]], teacher_words: Sequence[Sequence[str]]) -> list[Misheard]:
        return [
            Misheard(text, " ".join(ours), " ".join(theirs))
            for text, said, ours, theirs in zip(self._sentences, self._said, voice_words, teacher_words, strict=True)
            if ours != said
        ]

    def _compare(self, results: Results, spoken: Sequence[Sound], taught: Sequence[Sound]) -> None:
        """Measure level, silence, likeness and spectra, which need no recogniser."""
        for name, sounds in ((TEACHER, taught), (VOICE, spoken)):
            results.sounding[name] = Sounding(Level.of(sounds), Silence.mean(map(Silence.around, sounds)))
        ours = [mel_spectrum(sound) for sound in spoken]
        theirs = [mel_spectrum(sound) for sound in taught]
        results.likeness = Likeness(
            same=fmean(map(mel_distance, ours, theirs)),
            other=fmean(map(mel_distance, ours, theirs[1:] + theirs[:1])),
            duration=sum(each.seconds for each in spoken) / sum(each.seconds for each in taught),
        )
        self.spectra = list(zip(self._sentences, theirs, ours, strict=True))

    def _paragraphs(self) -> list[str]:
        texts = self._sentences[: _PARAGRAPH * _PARAGRAPHS]
        return [" ".join(texts[start : start + _PARAGRAPH]) for start in range(0, len(texts), _PARAGRAPH)]
