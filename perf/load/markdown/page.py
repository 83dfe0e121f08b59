"""The page: all sections in their order."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from perf.load.comparison import measured
from perf.load.listeners import audiences
from perf.load.markdown import comparisons, conditions, crowds, loads
from perf.load.markdown.sweeps import tuning as tuning_section
from perf.load.results import LoadResults, TuningResults

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
"""What `LoadResults` has room for."""


@dataclass(frozen=True)
class _Section:
    title: str
    measured: bool
    lines: Callable[[LoadResults], Iterator[str]]
    pictures: tuple[str, ...] = ()
    """Names of files."""


def render(results: LoadResults, tuning: TuningResults | None, links: Mapping[str, str]) -> str:
    """Return the page; `links` are the files that are there, by name, with the way to each from where the page is."""
    return "\n".join(_lines(results, tuning, links))


def _lines(results: LoadResults, tuning: TuningResults | None, links: Mapping[str, str]) -> Iterator[str]:
    yield from ("# Load tests", "")
    if results.synthetic:
        yield from (f"All figures are from synthetic weights: {conditions.SYNTHETIC}.", "")
    if data := [f"[{name}]({link})" for name, link in links.items() if not name.endswith(".png")]:
        yield from (f"The figures as files: {', '.join(data)}.", "")
    yield from comparisons.targets(results)
    yield from _problems(results, tuning)
    yield from conditions.conditions(results)
    yield from conditions.mix(results)
    yield from conditions.repetition()
    yield from conditions.meanings()
    for section in _sections(results):
        if section.measured:
            yield from (f"## {section.title}", "")
            for name in section.pictures:
                if name in links:
                    yield from (f"![{section.title}]({links[name]})", "")
            yield from section.lines(results)
    if tuning and tuning.sweeps:
        yield from ("## Tuning", "")
        yield from tuning_section(tuning, links)


def _sections(results: LoadResults) -> tuple[_Section, ...]:
    by_clients = bool(results.whole or results.streamed or results.speech)
    by_rates = bool(results.whole_rates or results.speech_rates)
    streams = bool(results.streamed or results.speech or results.speech_rates)
    random = bool(audiences(results.speech_rates))
    listeners = random or bool(audiences(results.speech))
    others = bool(measured(results.alternatives) or measured(results.batching))
    return (
        _Section("Listeners in real time", listeners, crowds.listeners, ("listeners.png",)),
        _Section(
            "Throughput and latency over clients", by_clients, loads.throughput, ("throughput.png", "latency.png")
        ),
        _Section("Throughput and latency over rates", by_rates, loads.rates),
        _Section("First audio and gaps", streams, loads.first_audio, ("first-audio.png",)),
        _Section("Past saturation", random, crowds.saturation, ("saturation.png",)),
        _Section("Formats", bool(measured(results.formats)), comparisons.formats),
        _Section("Alternatives", others, comparisons.alternatives, ("batching.png",)),
        _Section("Cost of each stage", bool(measured(results.stages)), comparisons.stages, ("stages.png",)),
    )


def _problems(results: LoadResults, tuning: TuningResults | None) -> Iterator[str]:
    """Yield what is missing, and what went wrong."""
    missing = [name for part, name in _PARTS.items() if not getattr(results, part)]
    missing += [] if tuning and tuning.sweeps else ["tuning"]
    if missing:
        yield from (f"Not measured: {', '.join(missing)}.", "")
    if results.failures:
        yield from ("Parts that failed:", "")
        yield from (f"- {part}: {problem}" for part, problem in results.failures.items())
        yield ""
