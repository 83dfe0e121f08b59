"""What the server did under each load."""

from collections.abc import Iterator, Sequence

from perf.load.level import Level
from perf.load.markdown.table import PERCENTILES, milliseconds, requests, seconds, table
from perf.load.results import LoadResults

_DELAYS = (
    ">requests",
    ">times real time",
    ">spoken a second",
    f">latency, s: {PERCENTILES}",
    f">real-time factor: {PERCENTILES}",
)
_FIRST_AUDIO = (">requests", f">first audio, ms: {PERCENTILES}", f">gap, ms: {PERCENTILES}")


def throughput(results: LoadResults) -> Iterator[str]:
    """Yield speed and latency over numbers of clients."""
    parts = (
        ("Whole clips: `soprano` over HTTP", results.whole),
        ("Streamed: `soprano_stream` over gRPC", results.streamed),
        ("OpenAI's endpoint", results.speech),
    )
    for title, levels in parts:
        if levels:
            yield from (f"### {title}", "")
            yield from _delays(levels)


def rates(results: LoadResults) -> Iterator[str]:
    """Yield speed and latency over rates of requests."""
    yield "Requests come at random moments, whether or not the server keeps up (a Poisson process)."
    yield ""
    for title, levels in (
        ("Whole clips: `soprano` over HTTP", results.whole_rates),
        ("OpenAI's endpoint", results.speech_rates),
    ):
        if levels:
            yield from (f"### {title}", "")
            yield from _delays(levels)


def first_audio(results: LoadResults) -> Iterator[str]:
    """Yield first audio and gaps of what is streamed."""
    parts = (
        ("`soprano_stream` over gRPC", results.streamed),
        ("OpenAI's endpoint", results.speech),
        ("OpenAI's endpoint, requests at random moments", results.speech_rates),
    )
    for title, levels in parts:
        if levels:
            yield from (f"### {title}", "")
            rows = [(*_load(level), milliseconds(level.first_audio), milliseconds(level.gap)) for level in levels]
            yield from table((_unit(levels), *_FIRST_AUDIO), rows)


def _delays(levels: Sequence[Level]) -> Iterator[str]:
    rows = [
        (
            *_load(level),
            f"{level.times_real_time:.1f}",
            f"{level.requests_per_second:.2f}",
            seconds(level.latency),
            seconds(level.real_time_factor),
        )
        for level in levels
    ]
    return table((_unit(levels), *_DELAYS), rows)


def _unit(levels: Sequence[Level]) -> str:
    return ">clients" if levels[0].load.clients is not None else ">requests a second"


def _load(level: Level) -> tuple[str, str]:
    """Return the load, and how many requests were spoken."""
    load = level.load.clients if level.load.clients is not None else f"{level.load.rate:.3g}"
    return str(load), requests([level])
