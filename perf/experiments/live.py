"""Live sessions: texts that come word by word, and when their listeners hear them."""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Annotated

import httpx
import numpy as np
import typer
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK

from measuring.command import say
from measuring.host import Facts, OtherLoad, examine
from measuring.prose import sentences
from measuring.stream import Arrival, Stream
from measuring.verdicts import Verdict, at_most
from perf.command import RESULTS, ResultsOption, ServedCheckpointOption, end, experiment, warn
from perf.load_generators.speech_load import LoadFailed
from perf.measurements import Percentiles
from perf.report import tables
from perf.report.results import save
from perf.servers.served import Served
from proxy.audio.formats import AUDIO_FORMATS
from proxy.audio.silence import SoundDetector

_RATE = AUDIO_FORMATS["pcm"].rate
_WORD_SECONDS = 0.01
_SEED = {"seed": 1}
_COMPARED = 3  # texts
_SAME = 2  # steps of 16 bits by which samples may differ that were made in other batches


@dataclass(frozen=True)
class Session:
    """One text; the stream counts from when its first sentence was written to its end."""

    text: str
    stream: Stream
    samples: NDArray[np.int16]


@dataclass(frozen=True)
class LivePoint:
    """The sessions that ran `at_once`, in seconds: from the end of the first sentence, and silence in the middle."""

    at_once: int
    sessions: int
    first_audio: Percentiles | None
    first_sound: Percentiles | None
    stall: Percentiles | None


@dataclass(frozen=True)
class LiveResults:
    """The measurements."""

    facts: Facts
    other_load: float
    points: list[LivePoint]
    difference: int
    """The largest difference from the samples of one request, in float32: in bfloat16, batches change tokens."""


async def speak(url: str, text: str, word_seconds: float = _WORD_SECONDS) -> Session:
    """Write a text word by word, and listen. Raises `LoadFailed`."""
    address = f"{url.replace('http', 'ws', 1)}/v1/audio/speech/ws"
    try:
        async with connect(address, proxy=None, compression=None) as socket:
            return await _speak(socket, text, word_seconds)
    except ConnectionClosed as error:
        raise LoadFailed(f"a live session was cut: {error}") from error


async def _speak(socket: ClientConnection, text: str, word_seconds: float) -> Session:
    await socket.send(json.dumps({"type": "request.start", "response_format": "pcm", **_SEED}))
    writing = asyncio.create_task(_write(socket, text, word_seconds))
    try:
        arrivals, body = await _listen(socket)
        first_written = await writing
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    samples = np.frombuffer(body, np.int16)
    if not arrivals:
        raise LoadFailed("a live session made no audio")
    detector = SoundDetector(_RATE)
    detector.add(samples)
    return Session(text, Stream(first_written, tuple(arrivals), detector.seconds), samples)


async def _write(socket: ClientConnection, text: str, word_seconds: float) -> float:
    """Send the words at fixed times; return when the last one of the first sentence was sent."""
    words = text.split(" ")
    begun = time.perf_counter()
    first_written = 0.0
    for number, word in enumerate(words):
        await asyncio.sleep(begun + number * word_seconds - time.perf_counter())
        await socket.send(json.dumps({"type": "input_text.append", "text": f"{word} "}))
        if not first_written and word.endswith("."):
            first_written = time.perf_counter()
    await socket.send(json.dumps({"type": "input_text.end"}))
    return first_written


async def _listen(socket: ClientConnection) -> tuple[list[Arrival], bytes]:
    arrivals: list[Arrival] = []
    body = bytearray()
    with suppress(ConnectionClosedOK):
        while True:
            received = await socket.recv()
            if isinstance(received, bytes):
                arrivals.append(Arrival(time.perf_counter(), len(received) / 2 / _RATE))
                body += received
            elif (event := json.loads(received))["type"] == "error":
                raise LoadFailed(f"a live session failed: {event['error']['message']}")
    return arrivals, bytes(body)


async def measure(url: str, at_once: int, sessions: int, texts: Sequence[str]) -> tuple[LivePoint, list[Session]]:
    """Run `sessions` sessions, `at_once` at a time, each begun at a time of its own."""
    dice = Random(at_once)  # noqa: S311 - times, not secrets
    turns = asyncio.Semaphore(at_once)

    async def one(number: int) -> Session:
        async with turns:
            await asyncio.sleep(dice.random())
            return await speak(url, texts[number % len(texts)])

    heard = await asyncio.gather(*(one(number) for number in range(sessions)))
    streams = [session.stream for session in heard]
    point = LivePoint(
        at_once,
        sessions,
        Percentiles.of([stream.first_audio for stream in streams]),
        Percentiles.of([sound for stream in streams if (sound := stream.first_sound) is not None]),
        Percentiles.of([stream.stall for stream in streams]),
    )
    return point, heard


async def _speak_at_once(url: str, texts: Sequence[str]) -> list[Session]:
    return await asyncio.gather(*(speak(url, text) for text in texts))


def difference_from_whole(url: str, session: Session) -> int:
    """Return the largest difference of a session's samples from those of one request for the same text."""
    body = {"input": session.text, "response_format": "pcm", "trim_silence": True, **_SEED}
    answer = httpx.post(f"{url}/v1/audio/speech", json=body, timeout=300, trust_env=False)
    whole = np.frombuffer(answer.raise_for_status().content, np.int16)
    if len(whole) != len(session.samples):
        return 65535
    return int(np.abs(whole.astype(int) - session.samples).max())


def main(
    sessions: Annotated[int, typer.Option(min=1, help="For each number at once.")] = 40,
    at_once: Annotated[list[int], typer.Option(min=1, help="May be given several times.")] = [1, 8],  # noqa: B006
    checkpoint: ServedCheckpointOption = "builtin",
    results: ResultsOption = RESULTS,
) -> None:
    """Write texts word by word, one each 10 ms, and measure when they are heard and whether they falter."""
    meanwhile = OtherLoad()
    texts = _texts()
    with experiment(), Served(checkpoint, {}) as served:
        url = served.url
        asyncio.run(measure(url, 2, 4, texts))  # one-time work is not measured
        points = []
        for number in at_once:
            say(f"{number} at once")
            point, _ = asyncio.run(measure(url, number, max(sessions, number), texts))
            points.append(point)
    with experiment(), Served(checkpoint, {"SOPRANO_DTYPE": "float32"}) as served:
        say("the same samples")
        heard = asyncio.run(_speak_at_once(served.url, texts[:_COMPARED]))
        difference = max(difference_from_whole(served.url, each) for each in heard)
    measured = LiveResults(examine("cpu", "auto"), meanwhile.cores(), points, difference)
    typer.echo("\n".join(_tables(measured)))
    warn(measured.other_load, quick=False)
    end([save(results / "live.json", measured)])


def _texts() -> list[str]:
    made = sentences(60)
    return [" ".join(made[first : first + 5]) for first in range(0, len(made), 5)]


def judge(results: LiveResults) -> Iterator[Verdict]:
    """Judge a run with the built-in voice on a quiet machine of two cores."""
    for point in results.points:
        if point.at_once == 1 and point.first_sound:
            target = "alone: first sound ≤ 150 ms after the first sentence, p95"
            yield at_most(target, point.first_sound.p95, 0.15, "{:.3f} s")
        if point.stall:
            yield at_most(f"{point.at_once} at once: no silence in the middle, p99", point.stall.p99, 0.0, "{:.3f} s")
    yield at_most("the same samples as of one request", results.difference, _SAME, "{:.0f}")


def _tables(results: LiveResults) -> Iterator[str]:
    rows = [
        (
            str(point.at_once),
            str(point.sessions),
            *map(tables.milliseconds, (point.first_audio, point.first_sound, point.stall)),
        )
        for point in results.points
    ]
    headings = (">at once", ">sessions", ">first audio, ms: p50, p95, p99", ">first sound", ">silence in the middle")
    yield tables.titled_table("Live sessions", headings, rows)
    rows = [(each.target, each.value, each.outcome) for each in judge(results)]
    yield tables.titled_table("Targets", ("", ">measured", ""), rows)
