"""Hand-made results of a run, and a whole server that tests may break."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from measuring.engine_client import Clips
from measuring.host import Facts, Memory
from measuring.stream import Arrival, Stream
from perf.engine_measurements import (
    Burst,
    BurstRun,
    Contender,
    DecoderStep,
    DecodeStep,
    LongText,
    MachineSpeed,
    MatrixSpeed,
    Results,
    Speed,
    StepTimes,
    Streaming,
)
from perf.servers.served import Served


def facts(device: str = "cpu") -> Facts:
    return Facts(
        device=device,
        dtype="bfloat16",
        processor="a processor",
        cores=2,
        gpu="a GPU" if device == "cuda" else None,
        python="3.11.7",
        torch="2.13.0",
        threads=2,
        soprano_tts="0.2.0",
        transformers="5.23.0",
        commit="abc1234",
        date="2026-01-01T00:00:00+00:00",
    )


def empty_results(device: str = "cpu") -> Results:
    return Results(facts(device), checkpoint="somewhere", synthetic=True, slots=64, repeats=3)


def speed(concurrency: int, times_real_time: float) -> Speed:
    return Speed.of(concurrency, [Clips(1.0, times_real_time)])


def streaming(concurrency: int, first: float, *, stall: float = 0.0) -> Streaming:
    """Identical streams of two chunks of one second; the second is late by `stall`."""
    stream = Stream(0.0, (Arrival(first, 1.0), Arrival(first + (1.0 + stall if stall else 0.5), 1.0)))
    return Streaming.of(concurrency, [[stream] * concurrency])


def stream(*times: float, audio: float = 0.64, first_step: int = 0, steps: int = 10) -> Stream:
    """A stream requested at 0, with chunks at `times` and `steps` engine steps between two chunks."""
    return Stream(0.0, tuple(Arrival(time, audio, first_step + steps * index) for index, time in enumerate(times)))


@pytest.fixture
def results() -> Results:
    """The results of a run that met every target for a CPU."""
    quiet = BurstRun(0.25, (stream(0.1, 0.2, 0.3, 0.4),), ())
    crowded = BurstRun(0.25, (stream(0.1, 0.2, 0.31, 0.42),), (stream(0.5),))
    complete = empty_results()
    complete.engine = Contender(
        whole=[speed(1, 6.0), speed(32, 60.0), speed(64, 70.0)],
        streaming=[streaming(1, 0.07), streaming(16, 0.5)],
        memory=Memory(1_100_000_000, 0, 0),
    )
    complete.upstream = Contender(
        whole=[speed(1, 2.0), speed(16, 10.0)],
        streaming=[streaming(1, 0.23)],
        memory=Memory(2_000_000_000, 0, 0),
    )
    complete.burst = Burst.of([(quiet, crowded)])
    complete.long_text = LongText(4000, 60, 0.075, 0.07, whole=6.9, audio=300.0, longest_sentence=1.0)
    complete.machine = MachineSpeed(30e9, (MatrixSpeed(512, 512, 64, "bfloat16", "linear", 500.0),))
    complete.steps = StepTimes(
        dtype="bfloat16",
        parameters=75_000_000,
        weight_bytes=150_000_000,
        decode=(DecodeStep(1, 0.008), DecodeStep(64, 0.03)),
        decoder=(DecoderStep(1, 4, 0.005),),
    )
    return complete


@pytest.fixture(scope="session")
def served(tiny_checkpoint: Path) -> Iterator[Served]:
    """`soprano serve` in float32, which never refuses a request because of a long queue."""
    settings = {"SOPRANO_DTYPE": "float32", "SOPRANO_THREADS": "1", "SOPRANO_MAX_WAIT": "600"}
    with Served(str(tiny_checkpoint), settings) as server:
        yield server
        pids = [process.pid for process in server.processes()]
    assert not [pid for pid in pids if os.path.exists(f"/proc/{pid}")]
