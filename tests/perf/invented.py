"""Hand-made figures of a run on two cores."""

from perf.measurements import (
    BARE_ENGINE,
    OUR_SPEECH,
    OUR_TRITON,
    PLAIN_PORT,
    UPSTREAM_SERVER,
    Load,
    LoadPoint,
    Percentiles,
    Series,
)
from perf.report.results import LoadResults, Sweep, TuningResults
from perf.workload import TextShare
from tests.perf.conftest import facts

SECONDS_EACH = 5.0
"""Seconds of audio of a request."""
CLIENTS = (1, 2, 4, 8, 16, 32, 64)
SPEEDS = (4.2, 6.9, 10.8, 15.1, 19.4, 22.3, 23.1)


def point(
    load: Load,
    times_real_time: float,
    *,
    spoken: int = 200,
    refused: int = 0,
    failed: int = 0,
    stalled: int = 0,
    latency: float = 2.0,
    first_audio: float | None = None,
    silent: bool = False,
) -> LoadPoint:
    """A point with these medians: of whole clips without `first_audio`, and without audio if it is silent."""
    return LoadPoint(
        load=load,
        spoken=spoken,
        refused=refused,
        failed=failed,
        times_real_time=times_real_time,
        requests_per_second=times_real_time / SECONDS_EACH,
        latency=None if silent else _percentiles(latency, 2.4, 4.5),
        first_audio=None if silent else _percentiles(first_audio or latency, 1.9, 2.6),
        gap=_percentiles(0.3, 1.6, 2.4) if first_audio else None,
        real_time_factor=None if silent else _percentiles(latency / SECONDS_EACH, 1.2, 1.6),
        stalled=stalled,
        stall=None if silent else _percentiles(0.0 if stalled < spoken / 2 else 0.4, 3.0, 5.0),
        first_sound=_percentiles(first_audio + 0.04, 1.9, 2.6) if first_audio else None,
    )


def series(name: str, *speeds: float, clients: int = 16, first_audio: float | None = None) -> Series:
    """A series of repeats with these speeds."""
    return Series(
        name,
        tuple(
            point(
                Load(clients), speed, latency=clients * SECONDS_EACH / speed if speed else 0.0, first_audio=first_audio
            )
            for speed in speeds
        ),
    )


def empty_results() -> LoadResults:
    return LoadResults(facts(), {}, "somewhere", synthetic=True, mix=[], settings={})


def complete_results() -> LoadResults:
    """The results of a run that met every target."""
    return LoadResults(
        facts=facts(),
        tools={"tritonserver": "24.10 (2.51.0)", "perf_analyzer": "2.49.0", "locust": "2.47.0"},
        checkpoint="synthetic",
        synthetic=True,
        mix=[
            TextShare("replies", 0.5, 21.4),
            TextShare("sentences", 0.35, 92.1),
            TextShare("paragraphs", 0.14, 402.0),
            TextShare("article", 0.01, 3918.0),
        ],
        settings={"SOPRANO_SLOTS": "128"},
        whole=[_closed(*each, whole=True) for each in zip(CLIENTS, SPEEDS, strict=True)],
        whole_rates=[
            point(Load(rate=rate), SECONDS_EACH * rate, latency=latency)
            for rate, latency in ((0.5, 0.9), (1.0, 1.1), (2.0, 1.6), (3.0, 2.4), (4.0, 6.1))
        ],
        streamed=[_closed(clients, 0.95 * speed) for clients, speed in zip(CLIENTS, SPEEDS, strict=True)],
        speech=[_closed(clients, 0.9 * speed) for clients, speed in zip(CLIENTS, SPEEDS, strict=True)],
        speech_rates=_rates(),
        formats=[
            series(name, 17.0 + number / 3, 17.2 + number / 3, 17.1 + number / 3, first_audio=0.4)
            for number, name in enumerate(("mp3", "opus", "aac", "flac", "wav", "pcm"))
        ],
        alternatives=[
            series(OUR_SPEECH, 17.9, 17.6, 18.2),
            series(UPSTREAM_SERVER, 0.85, 0.84, 0.86),
            series(OUR_TRITON, 19.4, 19.0, 19.9),
            series(PLAIN_PORT, 4.3, 4.1, 4.6),
        ],
        stages=[
            series(BARE_ENGINE, 20.0, 20.4, 19.8, first_audio=0.2),
            series("Triton, soprano_stream over gRPC", 19.0, 19.2, 19.1, first_audio=0.3),
            series("proxy, pcm", 18.4, 18.5, 18.1, first_audio=0.3),
            series("proxy, mp3", 17.2, 17.4, 17.3, first_audio=0.4),
        ],
        batching=[
            series("in-flight and dynamic batching", 19.4, 19.0, 19.9),
            series("in-flight batching alone", 18.8, 19.1, 19.0),
            series("neither: one slot", 4.2, 4.1, 4.3),
        ],
        other_load=0.03,
        failures={"formats": "aac: locust sent 3 of 64 requests"},
    )


def tuning() -> TuningResults:
    return TuningResults(
        facts=facts(),
        sweeps=[
            Sweep(
                "SOPRANO_SLOTS",
                "64",
                [
                    series("16", 17.9, 18.2, 18.0, clients=64, first_audio=2.9),
                    series("32", 21.0, 21.5, 21.3, clients=64, first_audio=1.6),
                    series("64", 23.0, 23.3, 22.9, clients=64, first_audio=0.8),
                    series("128", 23.5, 22.8, 23.4, clients=64, first_audio=0.9),
                ],
            ),
            Sweep(
                "max_queue_delay_microseconds of soprano",
                "0",
                [series(name, speed, 1.01 * speed) for name, speed in (("0", 19.4), ("1000", 19.3), ("20000", 17.9))],
            ),
        ],
    )


def _closed(clients: int, speed: float, *, whole: bool = False) -> LoadPoint:
    return point(
        Load(clients),
        speed,
        spoken=max(64, 4 * clients),
        stalled=0 if whole or clients < 32 else 5 * clients // 2,
        latency=clients * SECONDS_EACH / speed,
        first_audio=None if whole else 0.08 + 0.012 * clients,
    )


def _rates() -> list[LoadPoint]:
    """Rates up to twice the capacity of the server."""
    wanted = (
        (0.5, 0, 0),
        (1.0, 0, 0),
        (2.0, 0, 0),
        (3.0, 0, 0),
        (3.5, 21, 0),
        (4.0, 60, 12),
        (6.0, 85, 118),
        (8.0, 70, 210),
    )
    return [
        point(
            Load(rate=rate),
            min(SECONDS_EACH * rate, 20.5),
            spoken=400 - refused,
            refused=refused,
            failed=2 if rate == 8.0 else 0,
            stalled=stalled,
            latency=1.0 + stalled / 20,
            first_audio=0.1 * rate + stalled / 60,
        )
        for rate, stalled, refused in wanted
    ]


def _percentiles(p50: float, p95: float, p99: float) -> Percentiles:
    """Percentiles of `p50`, `p95` times it, and `p99` times it."""
    return Percentiles(p50, p95 * p50, p99 * p50)
