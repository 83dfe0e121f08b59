"""The text of one live clip, on its way from its writer to those who speak it."""

import asyncio
import itertools
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from proxy.errors import InvalidValue, QueueFull
from text.errors import InvalidText
from text.growing_text import GrowingText
from text.options import AS_SPOKEN, ReadingOptions
from text.sentences import Sentence

MOST_WAITING = 1_000_000
"""Characters that may wait to be spoken, about 18 hours of speech."""

ROOM = 16_000
"""Characters waiting to be spoken from which on a writer is asked to wait, where its dialect knows how."""


_SURROGATE = re.compile("[\ud800-\udfff]")  # half of a pair that was cut: nothing that can be spoken
_WORD_END = re.compile(r"[\s.,;:!?\u2026]")


@dataclass(frozen=True)
class Patience:
    """How long a sentence waits for what might change it, in seconds.

    Text that is settled never waits. Everything else is taken only when the listener has less than `least_buffered`
    left to hear: a complete sentence once it has waited for `complete`, one that ends with the text once nothing was
    written for `pause`, and a clause of a sentence that is not complete once the text has waited for `clause`.
    """

    least_buffered: float = 1.0
    complete: float = 0.1
    pause: float = 0.5
    clause: float = 1.0


USUAL_PATIENCE = Patience()


class _Early(Enum):
    """What may be taken, or expected, of a text that is not settled."""

    EXPECTED = auto()
    COMPLETE = auto()
    STOPPED = auto()
    CLAUSE = auto()


@dataclass
class _Wait:
    """Since when text has been waiting, since when it has had an end, and what has been tried to take of it."""

    begun: float | None = None
    ended: float | None = None
    tried: set[_Early] = field(default_factory=set)
    expects: bool = False  # whether its next sentence has been told


class LiveText:
    """Takes a text in as it is written, and gives its sentences out as early as is good.

    One task writes, another one reads. Sentences are those of the whole text, unless `patience` ends before. Those of
    `previous_text` were spoken already.
    """

    def __init__(
        self,
        options: ReadingOptions = AS_SPOKEN,
        patience: Patience = USUAL_PATIENCE,
        clock: Callable[[], float] = time.monotonic,
        *,
        previous_text: str = "",
    ) -> None:
        self._growing = GrowingText(options, _SURROGATE.sub("", previous_text))
        self._patience = patience
        self._clock = clock
        self._written: list[str | None] = []  # None is a flush
        self._length = 0  # characters in it
        self._ended = False
        self._cleared = False
        self.first_taken: float | None = None
        """When the first sentence was told or given out, by `clock`."""
        self._last_written = clock()
        self._wait = _Wait()
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    def __len__(self) -> int:
        return len(self._growing)

    def __getitem__(self, span: slice) -> str:
        """A part of the text, which may be forgotten 100,000 characters later."""
        return self._growing[span]

    @property
    def has_ended(self) -> bool:
        """Whether nothing follows."""
        return self._ended

    @property
    def pause_after(self) -> float:
        """Seconds of silence that the text asks for after its last sentence."""
        return self._growing.pause_after

    def append(self, text: str) -> None:
        """Add the next characters; after the end, they are dropped. Raises `QueueFull` if too many are waiting."""
        if self._ended or not text:
            return
        text = _SURROGATE.sub("", text)
        if self._waiting + len(text) > MOST_WAITING:
            raise QueueFull(f"More than {MOST_WAITING} characters wait to be spoken; send them later.")
        self._written.append(text)
        self._length += len(text)
        self._last_written = self._clock()
        self._notify()

    async def room(self) -> None:
        """Wait while much is waiting to be spoken."""
        await self._room.wait()

    def flush(self) -> None:
        """Have everything spoken that was written so far, complete or not."""
        if self._written and self._written[-1] is None:
            return
        self._written.append(None)
        self._notify()

    def end(self) -> None:
        """Mark that nothing follows."""
        self._ended = True
        self._notify()

    def clear(self) -> None:
        """Drop what has not been given out."""
        self._written.clear()
        self._length = 0
        self._cleared = True
        self._notify()

    async def sentences(
        self, buffered: Callable[[], float], expect: Callable[[Sentence], Awaitable[None]] | None = None
    ) -> list[Sentence]:
        """The next sentences, one or more; none at the end. `buffered` tells how many seconds its listener has to hear.

        To a listener who has little left, `expect` tells the next sentence as soon as its end is written: most often it
        is the first one that is returned.

        Raises `InvalidValue` for a pause that is too long.
        """
        while True:
            self._take_in()
            try:
                found = await self._settled() or await self._early(buffered(), expect)
            except InvalidText as error:
                raise InvalidValue("input", str(error)) from error
            if self._cleared:  # while it was read
                continue
            self._set_room()
            if found:
                self.first_taken = self.first_taken or self._clock()
                self._wait = _Wait()
                return found
            if self._ended and not self._written and not self._growing.waiting:
                return []
            await self._wait_for_news(buffered())

    def _take_in(self) -> None:
        """Move what was written into the growing text. Only the reader changes that, since it reads in a thread."""
        self._news.clear()
        if self._cleared:
            self._growing.clear()
            self._cleared = False
            self._wait = _Wait()
        # Many small pieces are added as one, which takes linear time.
        for is_flush, pieces in itertools.groupby(self._written, lambda piece: piece is None):
            if is_flush:
                self._growing.flush()
            else:
                text = "".join(filter(None, pieces))
                self._growing.append(text)
                self._wait.tried -= set(_Early) if _WORD_END.search(text) else {_Early.STOPPED}
        self._written.clear()
        self._length = 0
        if self._ended:
            self._growing.end()
        self._note_time()

    def _note_time(self) -> None:
        now = self._clock()
        if self._wait.begun is None and self._growing.waiting:
            self._wait.begun = now
        if self._wait.ended is None and self._growing.has_end:
            self._wait.ended = now

    async def _settled(self) -> list[Sentence]:
        while self._growing.may_have_settled:
            # Reading takes milliseconds, in which others have to be served.
            if found := await asyncio.to_thread(self._growing.settled):
                return found
        return []

    async def _early(self, buffered: float, expect: Callable[[Sentence], Awaitable[None]] | None) -> list[Sentence]:
        """What may be taken now although it might change; `expect` is told what may be expected."""
        if buffered > self._patience.least_buffered:
            return []
        for early, due in self._due().items():
            if self._clock() >= due:
                self._wait.tried.add(early)
                if early is _Early.EXPECTED:
                    await self._tell(expect)
                elif found := await asyncio.to_thread(self._take_early, early):
                    return found
        return []

    async def _tell(self, expect: Callable[[Sentence], Awaitable[None]] | None) -> None:
        """Tell the next sentence if its end is written."""
        sentence = await asyncio.to_thread(self._growing.expected)
        if sentence is None or expect is None or self._cleared:
            return
        self._wait.expects = True
        self.first_taken = self.first_taken or self._clock()
        await expect(sentence)

    def _take_early(self, early: _Early) -> list[Sentence]:
        if early is _Early.CLAUSE:
            return self._growing.clause()
        return self._growing.complete(stopped=early is _Early.STOPPED)

    def _due(self) -> dict[_Early, float]:
        """When to try what may be taken early and has not been tried, in this order."""
        patience, wait = self._patience, self._wait
        due: dict[_Early, float] = {}
        if wait.ended is not None:
            if not wait.expects:
                due[_Early.EXPECTED] = wait.ended
            due[_Early.COMPLETE] = wait.ended + patience.complete
        if wait.begun is not None:
            due[_Early.STOPPED] = self._last_written + patience.pause
            due[_Early.CLAUSE] = wait.begun + patience.clause
        return {early: when for early, when in due.items() if early not in wait.tried}

    async def _wait_for_news(self, buffered: float) -> None:
        due = self._due().values()
        seconds = None
        if due:
            seconds = max(min(due) - self._clock(), buffered - self._patience.least_buffered, 0.0)
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return

    def _notify(self) -> None:
        self._news.set()
        self._set_room()

    @property
    def _waiting(self) -> int:
        return self._length + (0 if self._cleared else self._growing.waiting)

    def _set_room(self) -> None:
        if self._waiting < ROOM:
            self._room.set()
        else:
            self._room.clear()
