"""The report of load tests: plots and a page in Markdown, made from the saved JSON.

The page for a directory in `perf/results/` is `perf/RESULTS.md`. For other directories, and for `perf/results/quick`,
whose figures mean nothing, it is `RESULTS.md` in the directory.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from perf.measurements import STALL
from perf.report import server_sections as sections
from perf.report.comparison import audiences, measured
from perf.report.results import LOAD_FILE, TUNING_FILE, LoadResults, TuningResults, read_load, read_tuning
from perf.report.server_plots import save_plots
from perf.report.tables import table

_PERF = Path(__file__).resolve().parents[1]
_QUICK = "quick"
_PAGE = "RESULTS.md"
_SYNTHETIC = "random weights, which make noise; the work is the same"
_PARTS = {
    "whole": "whole clips by clients",
    "whole_rates": "whole clips by rates",
    "streamed": "streams over gRPC",
    "speech": "OpenAI's endpoint by clients",
    "speech_rates": "OpenAI's endpoint by rates",
    "formats": "formats",
    "alternatives": "other servers",
    "batching": "this server without batching",
    "stages": "cost of each stage",
}
"""The parts of `LoadResults`."""


@dataclass(frozen=True)
class _Section:
    title: str
    measured: bool
    lines: Callable[[LoadResults], Iterator[str]]
    pictures: tuple[str, ...] = ()
    """Names of files."""


def make_report(directory: Path) -> list[Path]:
    """Make the report of the results in `directory`; return its files. Raises `UnreadableResults`."""
    results, tuning = read_load(directory), read_tuning(directory)
    files = [
        directory / LOAD_FILE,
        *([directory / TUNING_FILE] if tuning else []),
        *save_plots(directory, results, tuning),
    ]
    page = page_of(directory)
    links = {file.name: Path(os.path.relpath(file, page.parent)).as_posix() for file in files}
    page.write_text(render(results, tuning, links), encoding="utf-8")
    return [*files, page]


def page_of(directory: Path) -> Path:
    """Return the path of the page for a directory."""
    resolved = directory.resolve()
    of_the_project = resolved.parent == _PERF / "results" and resolved.name != _QUICK
    return (_PERF if of_the_project else directory) / _PAGE


def render(results: LoadResults, tuning: TuningResults | None, links: Mapping[str, str]) -> str:
    """Return the page; `links` has the path of each file, relative to the page, by the file's name."""
    return "\n".join(_lines(results, tuning, links))


def _lines(results: LoadResults, tuning: TuningResults | None, links: Mapping[str, str]) -> Iterator[str]:
    yield from ("# Load tests", "")
    if results.synthetic:
        yield from (f"All figures are from synthetic weights: {_SYNTHETIC}.", "")
    if data := [f"[{name}]({link})" for name, link in links.items() if not name.endswith(".png")]:
        yield from (f"The figures as files: {', '.join(data)}.", "")
    yield from sections.targets(results)
    yield from _problems(results, tuning)
    yield from _conditions(results)
    yield from _mix(results)
    yield from _repetition()
    yield from _meanings()
    for section in _sections(results):
        if section.measured:
            yield from (f"## {section.title}", "")
            for name in section.pictures:
                if name in links:
                    yield from (f"![{section.title}]({links[name]})", "")
            yield from section.lines(results)
    if tuning and tuning.sweeps:
        yield from ("## Tuning", "")
        yield from sections.tuning(tuning, links)


def _sections(results: LoadResults) -> tuple[_Section, ...]:
    by_clients = bool(results.whole or results.streamed or results.speech)
    by_rates = bool(results.whole_rates or results.speech_rates)
    streams = bool(results.streamed or results.speech or results.speech_rates)
    random = bool(audiences(results.speech_rates))
    listeners = random or bool(audiences(results.speech))
    others = bool(measured(results.alternatives) or measured(results.batching))
    return (
        _Section("Listeners in real time", listeners, sections.listeners, ("listeners.png",)),
        _Section(
            "Throughput and latency over clients", by_clients, sections.throughput, ("throughput.png", "latency.png")
        ),
        _Section("Throughput and latency over rates", by_rates, sections.rates),
        _Section("First audio and gaps", streams, sections.first_audio, ("first-audio.png",)),
        _Section("Past saturation", random, sections.saturation, ("saturation.png",)),
        _Section("Formats", bool(measured(results.formats)), sections.formats),
        _Section("Alternatives", others, sections.alternatives, ("batching.png",)),
        _Section("Cost of each stage", bool(measured(results.stages)), sections.stages, ("stages.png",)),
    )


def _problems(results: LoadResults, tuning: TuningResults | None) -> Iterator[str]:
    """Yield the parts that were not measured, and those that failed."""
    missing = [name for part, name in _PARTS.items() if not getattr(results, part)]
    missing += [] if tuning and tuning.sweeps else ["tuning"]
    if missing:
        yield from (f"Not measured: {', '.join(missing)}.", "")
    if results.failures:
        yield from ("Parts that failed:", "")
        yield from (f"- {part}: {problem}" for part, problem in results.failures.items())
        yield ""


def _conditions(results: LoadResults) -> Iterator[str]:
    """Yield the machine, the versions and the weights."""
    yield from ("## Where it ran", "")
    facts = results.facts
    rows = [
        *sections.machine(facts),
        ("engine", f"{facts.dtype} on {facts.device}, commit {facts.commit}"),
        ("weights", f"{results.checkpoint}: {_SYNTHETIC}" if results.synthetic else results.checkpoint),
        ("settings", ", ".join(f"`{name}={value}`" for name, value in results.settings.items()) or "the defaults"),
        ("Python, PyTorch", f"{facts.python}, {facts.torch} with {facts.threads} threads"),
        ("upstream", f"soprano-tts {facts.soprano_tts}, transformers {facts.transformers}"),
        *results.tools.items(),
        ("other programs", f"kept {results.other_load:.2f} cores busy on average"),
        ("date", facts.date),
    ]
    yield from table(("", ""), rows)


def _mix(results: LoadResults) -> Iterator[str]:
    """Yield the kinds of texts with their shares; nothing if there are none."""
    if not results.mix:
        return
    yield from ("## What was spoken", "")
    yield "The texts are in `perf/texts/`. They are sent in the same order in every run."
    yield ""
    rows = [(text.kind, f"{text.share:.0%}", f"{text.characters:.0f}") for text in results.mix]
    yield from table(("kind", ">of the requests", ">characters of one, on average"), rows)
    if results.longest is not None:
        yield (
            f"Texts of more than {results.longest} characters are spoken at the Poisson rates only: among the few "
            "requests of the other loads, one of them would dominate the figures. Streams over gRPC, and the "
            "comparisons of formats and of stages, run with `SOPRANO_MAX_WAIT=3600`, so that none is refused."
        )
        yield ""


def _repetition() -> Iterator[str]:
    """Yield the commands that make the results."""
    yield from ("## How to run it again", "", "```sh")
    yield "make bench          # everything on this page but the tuning"
    yield "make bench-quick    # the same, once and small: a check that it works; the figures mean nothing"
    yield "make bench-tuning   # the tuning"
    yield from ("```", "")


def _meanings() -> Iterator[str]:
    """Yield the definitions of the figures, with the terms of `perf.measurements`."""
    yield from ("## What the figures mean", "")
    yield (
        "**Times real time** is throughput: the seconds of audio that all clients together receive in a second. At 10 "
        "times real time, a minute of audio takes 6 seconds."
    )
    yield ""
    yield (
        "**First audio** is the time from sending a request to the first chunk that can be played; headers and the "
        "audio that a decoder delays do not count. **First sound** is the time until somebody who plays the chunks as "
        "they come hears something, after the silence with which a clip begins; it is known where clips are decoded. "
        "**Latency** is the time to the end of the audio, **gap** the time between two chunks, and the **real-time "
        "factor** the latency over the seconds of audio."
    )
    yield ""
    yield (
        "**Stalled** is a listener who plays each chunk as it arrives, without a buffer, and hears more than "
        f"{1000 * STALL:.0f} ms of silence in total because chunks are late."
    )
    yield ""
    yield (
        "Throughput is counted from the first request to the end of the last response. At the end of a run, clients "
        "leave and no others come. This matters most for servers that speak many texts at once: in a longer run, their "
        "throughput is somewhat higher."
    )
    yield ""
    yield (
        "Percentiles are over the requests of one load, by the nearest rank: of fewer than 100 requests, p99 is the "
        "largest value. If a load was repeated, figures are the median of the repeats and, in brackets, the smallest "
        "and the largest. Compared servers were measured in turn, and ratios are computed for each repeat."
    )
    yield ""
