"""Listeners who ask for speech at a steady rate, and what becomes of each request while the server is being broken."""

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
_LONG = 400  # and of a long one
_SHORT_TEXTS = 7
_LONG_EVERY = 8  # so that some streams are under way at any moment, and the machine bears them all
_EVENTS_EVERY = 4
_QUARANTINED = (b"quarantined", b"died twice")


class ChaosStatus(StrEnum):
    """What became of a request, as its client sees it."""

    SPOKEN = "spoken"
    CUT = "cut"  # broke off after audio, in a way that every client notices
    REFUSED = "refused"  # 429: the server had no room
    QUARANTINED = "quarantined"
    LOST = "lost"  # no audio, and another error or no answer
    MISLED = "misled"  # ended as if it were whole, and is not


def texts() -> tuple[str, ...]:
    """Return what is spoken: short texts, and a long one among eight."""
    known = sorted(set(Mix.read().deck(longest=_LONG)), key=len)
    return (*[text for text in known if len(text) <= _SHORT][-_SHORT_TEXTS:], known[-1])


def status_of(result: Exchange, delivery: Delivery, size: int | None) -> ChaosStatus:
    """Say what became of a request whose clip has `size` bytes; None if that is not known."""
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
    """Ask a server for speech `rate` times a second, at random moments, whatever becomes of the requests."""

    def __init__(self, served: Served, rate: float, said: Sequence[str], sizes: Mapping[str, int]) -> None:
        """Prepare; `sizes` are the bytes of each text's clip, empty if clips may differ from one time to the next."""
        self._served = served
        self._rate = rate
        self._said = said
        self._sizes = sizes
        self._open: set[asyncio.Task[None]] = set()
        self._statuses: Counter[ChaosStatus] = Counter()
        self._first_audio: list[tuple[float, float]] = []  # when it was asked for, and when it came
        self._heard = asyncio.Event()

    async def run(self) -> None:
        """Send requests until cancelled."""
        began = time.perf_counter()
        for number, moment in enumerate(arrival_times(self._rate)):
            await asyncio.sleep(began + moment - time.perf_counter())
            task = asyncio.create_task(self._listen(number))
            self._open.add(task)
            task.add_done_callback(self._open.discard)

    async def ended(self) -> Counter[ChaosStatus]:
        """Wait for the requests that are open, and return how many of all met which status."""
        await asyncio.gather(*self._open)
        return self._statuses

    async def first_audio_since(self, moment: float, patience: float, is_alive: Callable[[], bool]) -> float | None:
        """Return when the first audio came that was asked for after `moment`.

        None if there is none within `patience` seconds, or none before the server has ended for good. What was asked
        for before may still come out of a pipe, though the server is dead.
        """
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if came := [first for sent, first in self._first_audio if sent > moment]:
                return min(came)
            if not is_alive():
                return None
            self._heard.clear()
            try:
                await asyncio.wait_for(self._heard.wait(), 1.0)
            except TimeoutError:
                continue  # to see whether the server lives
        return None

    async def _listen(self, number: int) -> None:
        said = self._said[-1] if number % _LONG_EVERY == 0 else self._said[number % (len(self._said) - 1)]
        delivery = Delivery.EVENTS if number % _EVENTS_EVERY == 1 else Delivery.STREAM
        client = Client(patience=_PATIENCE)
        result = await exchange(self._served.port, speech(said, "wav", delivery), client, on_audio=self._note)
        self._statuses[status_of(result, delivery, self._sizes.get(said))] += 1

    def _note(self, sent: float) -> None:
        self._first_audio.append((sent, time.perf_counter()))
        self._heard.set()
