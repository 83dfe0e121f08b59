"""What the users of a load test say, and when it is over."""

import json
from collections.abc import Sequence
from pathlib import Path
from threading import Event


class Script:
    """Texts that all users together say in turn, again and again, until so many requests have been sent (0: for ever).

    `all_ended` is set once all of them have ended.
    """

    def __init__(self, texts: Sequence[str], requests: int = 0) -> None:
        if not texts:
            raise ValueError("there is nothing to say: give at least one text")
        self.all_ended = Event()
        self._texts = texts
        self._requests = requests
        self._sent = 0
        self._ended = 0

    def next_line(self) -> tuple[int, str] | None:
        """Return the number of the next request, from 0, and its text; None if there is none left."""
        if self._requests and self._sent == self._requests:
            return None
        number = self._sent
        self._sent += 1
        return number, self._texts[number % len(self._texts)]

    def note_end(self) -> None:
        """Count a request that has ended, in whatever way."""
        self._ended += 1
        if self._ended == self._requests:
            self.all_ended.set()


def read_texts(path: Path) -> list[str]:
    """Read texts, one a line, or as a list from a file whose name ends with .json.

    Raises `ValueError` if there are none or the list is none, and `OSError`.
    """
    content = path.read_text(encoding="utf-8")
    try:
        texts = json.loads(content) if path.suffix == ".json" else content.splitlines()
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} is no JSON: {error}") from error
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError(f'{path} is no list of texts, such as ["Hello.", "Good morning."]')
    texts = [text for text in texts if text.strip()]
    if not texts:
        raise ValueError(f"{path} has no texts: write one a line")
    return texts
