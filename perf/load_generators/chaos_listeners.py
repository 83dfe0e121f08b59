"""Listeners who request speech at a constant rate, and the status of each request while the server is being broken."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from perf.load_generators.http_exchange import (
    Client,
    Delivery,
    Ending,
    Exchange,
    audio,
    exchange,
    is_whole,
    speak_alone,
    speech,
)
from perf.servers.served import Served
from perf.workload import Mix, arrival_times

_PATIENCE = 90.0
_SHORT = 60  # characters of a short text at most
_LONG = 400  # characters of a long text at most
_SHORT_TEXTS = 7
_LONG_EVERY = 8  # so that some streams are always running, without overload
_EVENTS_EVERY = 4
_QUARANTINED = (b"quarantined", b"died twice")


class ChaosStatus(StrEnum):
    """How a request ended for its client."""

    SPOKEN = "spoken"
    CUT = "cut"  # ended after some audio, and every client can notice it
    REFUSED = "refused"  # 429: the server had no capacity
    QUARANTINED = "quarantined"
    LOST = "lost"  # no audio, but another error or no response
    MISLED = "misled"  # the audio is incomplete, but the response ended as if it were complete


def texts() -> tuple[str, ...]:
    """Return the texts that are spoken: short ones, and a long one at the end."""
    known = sorted(set(Mix.read().deck(longest=_LONG)), key=len)
    return (*[text for text in known if len(text) <= _SHORT][-_SHORT_TEXTS:], known[-1])


def status_of(result: Exchange, delivery: Delivery, size: int | None) -> ChaosStatus:
    """Return the status of a request whose complete clip has `size` bytes; None if the size is not known."""
    if result.status == 200:
        if result.ending is not Ending.COMPLETE:
            return ChaosStatus.CUT
        if not is_whole(result, delivery):
            return ChaosStatus.MISLED
        is_right = size is None or len(audio(bytes(result.body), delivery)) == size
        return ChaosStatus.SPOKEN if is_right else ChaosStatus.MISLED
    if result.status == 429:
        return ChaosStatus.REFUSED
    return ChaosStatus.QUARANTINED if any(word in result.body for word in _QUARANTINED) else ChaosStatus.LOST


async def reference_sizes(served: Served, said: Sequence[str]) -> dict[str, int]:
    """Have each text spoken alone; return the bytes of each clip. Raises `SpeechFailed` if one is not spoken."""
    clips = await speak_alone(served.port, said, ["wav"])
    return {text: len(clip) for (text, _), clip in clips.items()}


class Listeners:
    """Request speech `rate` times a second, at random moments, independent of earlier requests."""

    def __init__(self, served: Served, rate: float, said: Sequence[str], sizes: Mapping[str, int]) -> None:
        """Send nothing yet. `sizes` are the bytes of each text's clip; empty if clips may differ between requests."""
        self._served = served
        self._rate = rate
        self._said = said
        self._sizes = sizes
        self._open: set[asyncio.Task[None]] = set()
        self._statuses: Counter[ChaosStatus] = Counter()
        self._first_audio: list[tuple[float, float]] = []  # times of the request and of its first audio
        self._audio_arrived = asyncio.Event()

    async def run(self) -> None:
        """Send requests until cancelled."""
        began = time.perf_counter()
        for number, moment in enumerate(arrival_times(self._rate)):
            await asyncio.sleep(began + moment - time.perf_counter())
            task = asyncio.create_task(self._request(number))
            self._open.add(task)
            task.add_done_callback(self._open.discard)

    async def ended(self) -> Counter[ChaosStatus]:
        """Wait for the open requests, and return the number of all requests by status."""
        await asyncio.gather(*self._open)
        return self._statuses

    async def first_audio_since(self, moment: float, patience: float, is_alive: Callable[[], bool]) -> float | None:
        """Return the time of the first audio of a request that was sent after `moment`.

        Return None if none arrives within `patience` seconds, or before the server has ended for good. Audio of earlier
        requests does not count: it may still come out of a pipe after the server is dead.
        """
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if came := [first for sent, first in self._first_audio if sent > moment]:
                return min(came)
            if not is_alive():
                return None
            self._audio_arrived.clear()
            try:
                await asyncio.wait_for(self._audio_arrived.wait(), 1.0)
            except TimeoutError:
                continue  # check whether the server still runs
        return None

    async def _request(self, number: int) -> None:
        said = self._said[-1] if number % _LONG_EVERY == 0 else self._said[number % (len(self._said) - 1)]
        delivery = Delivery.EVENTS if number % _EVENTS_EVERY == 1 else Delivery.STREAM
        client = Client(patience=_PATIENCE)
        result = await exchange(self._served.port, speech(said, "wav", delivery), client, on_audio=self._note)
        self._statuses[status_of(result, delivery, self._sizes.get(said))] += 1

    def _note(self, sent: float) -> None:
        self._first_audio.append((sent, time.perf_counter()))
        self._audio_arrived.set()
