"""Counts how many everyday texts are read right, by class, beside other normalisers, and measures what reading costs.

The others are measured if they are installed: `pip install wetext kitten-text-processing`.
"""

import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module

import typer

from measuring.host import Facts, examine
from measuring.reading_cases import ReadingCase, prose, reading_cases
from measuring.verdicts import Verdict, at_most
from perf.command import RESULTS, ResultsOption, end, experiment
from perf.report.results import save
from perf.report.tables import titled_table
from text.options import AS_SPOKEN
from text.reading import read
from text.upstream import text_normalizer

_NUMBERS = ("money", "number", "unit", "time", "date")
_LONG = 64_000
Say = Callable[[str], str]


@dataclass(frozen=True)
class Reader:
    """A normaliser: how many texts of each class it reads right, and the processor time of a text, in ms."""

    name: str
    right: dict[str, int]
    prose_ms: float
    numbers_ms: float


@dataclass(frozen=True)
class ReadingResults:
    """What was measured."""

    facts: Facts
    cases: dict[str, int]
    readers: list[Reader]
    start_seconds: float
    """Of a new process until it has read its first text."""
    long_ms: dict[str, float]
    """Processor time of a text of 16,000 and of one of 64,000 characters."""


def ours(text: str) -> str:
    """Read a text as the server does."""
    return " ".join(passage.text.text for passage in read(text, AS_SPOKEN))


def readers() -> dict[str, Say]:
    """Return the normalisers that are installed."""
    found: dict[str, Say] = {"ours": ours, "upstream": _or_nothing(text_normalizer.clean_text)}
    for name, make in (("wetext", _wetext), ("kitten-text-processing", _kitten)):
        try:
            found[name] = make()
        except ModuleNotFoundError:
            typer.echo(f"{name} is not installed: not measured", err=True)
    return found


def _wetext() -> Say:
    return _or_nothing(import_module("wetext").Normalizer(lang="en", operator="tn").normalize)


def _kitten() -> Say:
    return _or_nothing(import_module("kitten_text_processing").normalize_text)


def _or_nothing(say: Say) -> Say:
    """Return a normaliser of others, which reads nothing where it raises: a text is then read wrong."""

    def attempt(text: str) -> str:
        try:
            return say(text)
        except Exception as error:
            typer.echo(f"{say.__module__} failed on {text!r}: {error!r}", err=True)
            return ""

    return attempt


def measure(name: str, say: Say, cases: Sequence[ReadingCase]) -> Reader:
    """Let a normaliser read every case."""
    right = Counter(case.group for case in cases if case.is_right(say(case.written)))
    numbers = [case.written for case in cases if case.group in _NUMBERS]
    return Reader(name, dict(right), _milliseconds(say, prose()[:200]), _milliseconds(say, numbers[:200]))


def _milliseconds(say: Say, texts: Iterable[str]) -> float:
    """Return the median of the processor time of a text, in ms."""
    return statistics.median(_once(say, text) for text in texts)


def _once(say: Say, text: str) -> float:
    start = time.process_time()
    say(text)
    return 1e3 * (time.process_time() - start)


def _start_seconds() -> float:
    """Return how long a new process takes until it has read a text, in seconds."""
    program = "from text.sentences import split_sentences; split_sentences('It was $5 on May 5.')"
    start = time.monotonic()
    subprocess.run([sys.executable, "-c", program], check=True)
    return time.monotonic() - start


def _long_milliseconds() -> dict[str, float]:
    """Return what long texts cost, of prose and of numbers in turn, by their characters."""
    unit = " ".join([*prose()[:20], *(case.written for case in reading_cases() if case.group in _NUMBERS)]) + "\n"
    text = (unit * (_LONG // len(unit) + 1))[:_LONG]
    return {str(length): min(_once(ours, text[:length]) for _ in range(3)) for length in (_LONG // 4, _LONG)}


def tables(results: ReadingResults) -> str:
    """Return the results in Markdown."""
    names = [reader.name for reader in results.readers]
    rows = [
        (group, str(number), *(str(reader.right.get(group, 0)) for reader in results.readers))
        for group, number in results.cases.items()
    ]
    total = ("all", str(sum(results.cases.values())), *(str(sum(each.right.values())) for each in results.readers))
    costs = [(each.name, f"{each.prose_ms:.2f}", f"{each.numbers_ms:.2f}") for each in results.readers]
    right = titled_table(
        "Texts that are read right", ("class", ">texts", *(f">{each}" for each in names)), [*rows, total]
    )
    cost = titled_table("Processor time of a text, ms: median", ("", ">plain prose", ">numbers"), costs)
    judged = [(each.target, each.value, each.outcome) for each in verdicts(results)]
    return "\n".join((right, cost, titled_table("Targets", ("", "measured", ""), judged)))


def verdicts(results: ReadingResults) -> list[Verdict]:
    """Return what reading promises, and what was measured."""
    reader = results.readers[0]
    short, long = results.long_ms.values()
    return [
        at_most("a sentence of plain prose ≤ 1 ms", reader.prose_ms, 1.0, "{:.2f} ms"),
        at_most("a text of numbers ≤ 3 ms", reader.numbers_ms, 3.0, "{:.2f} ms"),
        at_most("a process reads its first text within 1 s", results.start_seconds, 1.0, "{:.2f} s"),
        at_most("64,000 characters ≤ 5 times what 16,000 take", long / short, 5.0, "{:.1f} times"),
    ]


def main(results: ResultsOption = RESULTS) -> None:
    """Count the everyday texts that are read right, by class, and measure what reading costs."""
    with experiment():
        cases = reading_cases()
        measured = ReadingResults(
            facts=examine("auto", "auto"),
            cases=dict(Counter(case.group for case in cases)),
            readers=[measure(name, say, cases) for name, say in readers().items()],
            start_seconds=min(_start_seconds() for _ in range(3)),
            long_ms=_long_milliseconds(),
        )
    typer.echo(tables(measured))
    end([save(results / "text.json", measured)])
