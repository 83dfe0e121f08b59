"""Sends hostile texts to the text front end and checks the promises of `split_sentences`.

python -m perf text-fuzz --count 100000 --seed 1 --seconds 600
"""

import re
import time
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Annotated, NamedTuple

import typer

from perf.load_generators.hostile_text import hostile_text
from perf.measurements import percentile
from text.errors import InvalidText
from text.sentences import LONGEST_SENTENCE, MAX_CHARACTERS, SPOKEN_PER_CHARACTER, Sentence, split_sentences

_SPOKEN = re.compile(r"[a-z0-9 !$%&'*,.?-]+")
_SLOWEST = 500e-6
"""The largest allowed seconds for each character; the slowest known texts take 35e-6 on an idle core."""
_LONG = 200
_WORD = "watermelon"
"""A word that is put into every other text and must be spoken."""


class Reading(NamedTuple):
    """The result for one text."""

    outcome: str
    """`spoken`, or the reason for the refusal."""
    seconds: float
    """Processor time."""
    broken: str
    """The broken promise; empty if all were kept."""


def read(text: str) -> Reading:
    """Split `text` and check the promises."""
    start = time.process_time()
    try:
        sentences = split_sentences(text)
    except InvalidText as error:
        return _timed(text, _reason(error), time.process_time() - start, "")
    except Exception as error:  # the text front end must never raise another error
        return Reading("failed", time.process_time() - start, repr(error))
    return _timed(text, "spoken", time.process_time() - start, broken_promise(text, sentences))


def broken_promise(text: str, sentences: Sequence[Sentence]) -> str:
    """Describe the promise that the sentences of `text` break; empty if they break none."""
    if not sentences:
        return "there is no sentence"
    if sum(len(sentence.text) for sentence in sentences) > SPOKEN_PER_CHARACTER * MAX_CHARACTERS:
        return "more is spoken than is allowed"
    start = 0
    for sentence in sentences:
        said = sentence.text
        if not _SPOKEN.fullmatch(said) or not re.search("[a-z0-9]", said) or said != said.strip():
            return f"not speakable: {said!r}"
        if len(said) > LONGEST_SENTENCE:
            return f"a sentence of {len(said)} characters: {said!r}"
        span = text[sentence.start : sentence.end]
        if sentence.start < start or sentence.end > len(text) or not span or span != span.strip():
            return f"span {sentence.start} to {sentence.end} after {start} of {len(text)}"
        start = sentence.start
    is_lost = f" {_WORD} " in text and _WORD not in "".join(sentence.text for sentence in sentences)
    return f"{_WORD} is not spoken" if is_lost else ""


def _timed(text: str, outcome: str, seconds: float, broken: str) -> Reading:
    if not broken and seconds > 0.1 + _SLOWEST * len(text):
        broken = f"{seconds:.2f} s for {len(text)} characters"
    return Reading(outcome, seconds, broken)


def _reason(error: InvalidText) -> str:
    return "refused: too long aloud" if str(error).startswith("Read aloud") else "refused: nothing to speak"


class Fuzz:
    """Checks texts and counts the results."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._outcomes: Counter[str] = Counter()
        self._seconds: list[float] = []
        self._slowest = (0.0, 0)
        self.broken = 0

    def read(self, index: int) -> None:
        """Check the text number `index`, which the seed determines."""
        random = Random(f"{self._seed} {index}")  # noqa: S311 - texts, not secrets
        text = hostile_text(random)
        cut = random.randrange(len(text) + 1)
        reading = read(f"{text[:cut]} {_WORD} {text[cut:]}" if index % 2 else text)
        self._outcomes[reading.outcome] += 1
        self._seconds.append(reading.seconds)
        if len(text) >= _LONG:
            self._slowest = max(self._slowest, (reading.seconds / len(text), index))
        if reading.broken:
            self.broken += 1
            print(f"text {index} of seed {self._seed}: {reading.broken}\n    {text[:200]!r}", flush=True)

    def report(self) -> None:
        """Print the counts and times."""
        for outcome, count in self._outcomes.most_common():
            print(f"{count:8} {outcome}")
        print(f"{self.broken:8} broke a promise")
        milliseconds = [1e3 * seconds for seconds in self._seconds]
        p50, p99 = percentile(milliseconds, 0.5), percentile(milliseconds, 0.99)
        print(f"processor time of a text: p50 {p50:.2f} ms, p99 {p99:.1f} ms, maximum {max(milliseconds):.0f} ms")
        seconds, index = self._slowest
        print(f"of a character, in texts of {_LONG} or more: at most {1e6 * seconds:.0f} µs (text {index})")


def main(
    count: Annotated[int, typer.Option(help="Texts to read.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Determines the texts.")] = 1,
    first: Annotated[int, typer.Option(help="Number of the first text; to repeat an error.")] = 0,
    seconds: Annotated[float, typer.Option(help="Stop after this time.")] = 600.0,
) -> None:
    """Send hostile texts to the text front end; the status is 1 if a promise of `split_sentences` is broken."""
    fuzz = Fuzz(seed)
    deadline = time.monotonic() + seconds
    for index in range(first, first + count):
        fuzz.read(index)
        if time.monotonic() > deadline:
            print(f"stopped after {seconds:g} s")
            break
    fuzz.report()
    if fuzz.broken:
        raise typer.Exit(1)
