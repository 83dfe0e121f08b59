"""The text on its way to the server."""

import threading
from collections import deque
from collections.abc import Iterable
from typing import Protocol

MOST_UNACKNOWLEDGED = 8_000
"""Characters that are sent before the server acknowledges them; it does not while enough wait to be spoken."""

LONGEST_PREVIOUS_TEXT = 1_000
"""Characters before the text that tell the server how to read what goes on with them."""

_LONGEST_PIECE = 1_000
_READ_AHEAD = 16_000


class TextSink(Protocol):
    """What takes the text: a session."""

    def append(self, text: str) -> None:
        """Send the next characters."""

    def end(self) -> None:
        """Tell that nothing follows."""

    def close(self) -> None:
        """Send nothing more."""


class TextFeed:
    """Reads a text in a thread of its own, and sends it to one session after the other, as fast as they take it.

    It keeps what was not spoken yet, for the next session: from the position that `spoken` told last. Positions are
    code points of the whole text, whose first `position` were spoken before.
    """

    def __init__(self, pieces: Iterable[str], position: int = 0) -> None:
        self._pieces = pieces
        self._changed = threading.Condition()
        self._kept = ""
        self._start = 0  # the position of what is kept
        self._spoken = position
        self._is_whole = False
        self._failure: Exception | None = None
        self._sink: TextSink | None = None
        self._begun = self._sent = position  # by the present session
        self._unacknowledged: deque[int] = deque()
        self._has_sent_all = False
        # The thread is not waited for: it may be in a read that never ends.
        threading.Thread(target=self._read, name="text", daemon=True).start()

    @property
    def length(self) -> int:
        """Characters that were read so far."""
        return self._start + len(self._kept)

    def previous_text(self) -> str:
        """What comes before the position that was spoken last. Raises what ended the reading."""
        with self._changed:
            self._changed.wait_for(lambda: self._failure or self._is_whole or self.length >= self._spoken)
            self.raise_failure()
            return self._part(max(self._start, self._spoken - LONGEST_PREVIOUS_TEXT), self._spoken)

    def attach(self, sink: TextSink) -> None:
        """Send what was not spoken to a new session. Raises what ended the reading."""
        with self._changed:
            self.raise_failure()
            self._begun = self._sent = self._spoken
            self._unacknowledged.clear()
            self._has_sent_all = False
            self._sink = sink
            self._send()

    def detach(self) -> None:
        """Send nothing more to the session."""
        with self._changed:
            self._sink = None

    def acknowledge(self) -> None:
        """Note that the session has taken a message, and send the next."""
        with self._changed:
            if self._unacknowledged:
                self._unacknowledged.popleft()
            self._send()
            self._changed.notify()

    def keep_alive(self) -> None:
        """Send nothing, so that the server does not end a session whose writer takes a while to think."""
        with self._changed:
            if self._sink and not self._has_sent_all:
                self._send_piece("")

    def spoken(self, position: int) -> None:
        """Note that everything before the position needs not be sent again."""
        with self._changed:
            self._spoken = position
            self._forget()

    def is_complete(self, characters: int) -> bool:
        """Tell whether a session that has taken so many characters has taken all."""
        with self._changed:
            return self._has_sent_all and self._begun + characters == self.length

    def raise_failure(self) -> None:
        """Raise what ended the reading too early, if anything did."""
        if self._failure:
            raise self._failure

    def _read(self) -> None:
        try:
            for piece in self._pieces:
                self._append(piece)
        except Exception as error:  # raised in the main thread
            self._fail(error)
        else:
            with self._changed:
                self._is_whole = True
                self._send()
                self._changed.notify()

    def _append(self, piece: str) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self.length - self._sent < _READ_AHEAD)
            self._kept += piece
            self._forget()
            self._send()
            self._changed.notify()

    def _fail(self, error: Exception) -> None:
        with self._changed:
            self._failure = error
            sink = self._sink
            self._changed.notify()
        if sink:
            sink.close()

    def _send(self) -> None:
        """Send what the session may be sent now."""
        while self._sink and self._sent < self.length and sum(self._unacknowledged) < MOST_UNACKNOWLEDGED:
            self._send_piece(self._part(self._sent, self._sent + _LONGEST_PIECE))
        if self._sink and self._is_whole and self._sent >= self.length and not self._has_sent_all:
            self._has_sent_all = True
            self._unacknowledged.append(0)
            self._sink.end()

    def _send_piece(self, piece: str) -> None:
        if self._sink:
            self._sent += len(piece)
            self._unacknowledged.append(len(piece))
            self._sink.append(piece)

    def _part(self, start: int, stop: int) -> str:
        return self._kept[start - self._start : max(0, stop - self._start)]

    def _forget(self) -> None:
        """Drop what no session needs any more."""
        start = min(self.length, max(self._start, self._spoken - LONGEST_PREVIOUS_TEXT))
        self._kept = self._kept[start - self._start :]
        self._start = start
