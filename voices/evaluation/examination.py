"""Has a voice read sentences that it does not know, in every format, and judges what is heard."""

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
from voices.evaluation.speaker import Manner, Speaker
from voices.evaluation.verdicts import REFERENCE, TEACHER, VOICE
from voices.evaluation.word_errors import WordErrors, spoken_words

MANNERS = (
    Manner(REFERENCE),
    *(Manner(audio_format) for audio_format in ("mp3", "opus", "aac", "flac", "wav")),
    Manner(REFERENCE, 0.8),
    Manner(REFERENCE, 1.25),
)

_AT_ONCE = 2
_PARAGRAPH = 4  # sentences
_PARAGRAPHS = 10

Say = Callable[[str], None]


class Evaluation:
    """Of the voice behind `speaker` on `sentences`, beside what `teach` makes of them.

    What it finds is in `results`; `spectra` has the sentences, each with the teacher's mel spectrum and the voice's.
    """

    def __init__(self, sentences: Sequence[str], speaker: Speaker, recognisers: Recognisers, say: Say) -> None:
        self._sentences = sentences
        self._said = [spoken_words(text) for text in sentences]
        self._speaker = speaker
        self._recognisers = recognisers
        self._say = say
        self.spectra: list[tuple[str, Spectrum, Spectrum]] = []

    def run(
        self, checkpoint: str, facts: Facts, teach: Callable[[str], Sound], manners: Sequence[Manner] = MANNERS
    ) -> Results:
        """Listen to the teacher, and then to the voice; the first of `manners` is what the others are compared with.

        Raises `VoiceError`.
        """
        self._say(f"{TEACHER} reads {len(self._sentences)} sentences")
        lesson = [teach(text) for text in self._sentences]
        taught = self._understand(lesson)
        results = Results(facts, checkpoint, len(self._sentences), self._total(taught))
        for manner in manners:
            self._say(f"{VOICE} reads them: {manner}")
            # All of it first: an engine that shares its cores with recognisers keeps no stream ahead of its listener.
            heard = self._understand(self._spoken(manner))
            results.voice[str(manner)] = self._total(heard)
            results.misheard = results.misheard or self._misheard(heard, taught)
        self._say("levels, spectra and joins")
        self._compare(results, self._spoken(Manner("wav")), lesson)
        results.joins = Joins.of(map(self._speaker.say_timed, self._paragraphs()))
        return results

    def _spoken(self, manner: Manner) -> list[Sound]:
        with ThreadPoolExecutor(_AT_ONCE) as listeners:
            return list(listeners.map(partial(self._speaker.say, manner=manner), self._sentences))

    def _understand(self, sounds: Sequence[Sound]) -> list[list[str]]:
        return list(self._recognisers.words(sounds))

    def _total(self, heard: Sequence[Sequence[str]]) -> WordErrors:
        return WordErrors.total(map(WordErrors.of, self._said, heard))

    def _misheard(self, heard: Sequence[Sequence[str]], taught: Sequence[Sequence[str]]) -> list[Misheard]:
        return [
            Misheard(text, " ".join(ours), " ".join(theirs))
            for text, said, ours, theirs in zip(self._sentences, self._said, heard, taught, strict=True)
            if ours != said
        ]

    def _compare(self, results: Results, spoken: Sequence[Sound], lesson: Sequence[Sound]) -> None:
        """Measure what there is to sounds without understanding them."""
        for name, sounds in ((TEACHER, lesson), (VOICE, spoken)):
            results.sounding[name] = Sounding(Level.of(sounds), Silence.mean(map(Silence.around, sounds)))
        ours = [mel_spectrum(sound) for sound in spoken]
        theirs = [mel_spectrum(sound) for sound in lesson]
        results.likeness = Likeness(
            same=fmean(map(mel_distance, ours, theirs)),
            other=fmean(map(mel_distance, ours, theirs[1:] + theirs[:1])),
            duration=sum(each.seconds for each in spoken) / sum(each.seconds for each in lesson),
        )
        self.spectra = list(zip(self._sentences, theirs, ours, strict=True))

    def _paragraphs(self) -> list[str]:
        texts = self._sentences[: _PARAGRAPH * _PARAGRAPHS]
        return [" ".join(texts[start : start + _PARAGRAPH]) for start in range(0, len(texts), _PARAGRAPH)]
