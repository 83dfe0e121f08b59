"""Text under edit whose characters know which of the caller's characters they stand for."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Self

Replacement = str | Callable[[re.Match[str]], str | None]
"""What takes the place of a match: a template as `re.sub` has it, or a function; None leaves the match as it is."""

Edit = tuple[int, int, str]
"""The characters `start` to `end`, exclusive, and what takes their place."""

_INSIDE_WORD = re.compile(r"\w\w")


@dataclass(frozen=True, slots=True)
class AlignedText:
    """A text made from a source: character `i` stands for the source's characters `starts[i]` to `ends[i]`, exclusive.

    Both lists have the text's length; neither falls, but where a rule has moved words within its own match. A character
    that was inserted stands for an empty span.
    """

    text: str
    starts: list[int]
    ends: list[int]

    @classmethod
    def of(cls, source: str) -> Self:
        """Return a source as it is written."""
        return cls(source, list(range(len(source))), list(range(1, len(source) + 1)))

    @classmethod
    def join(cls, parts: Iterable[Self]) -> Self:
        """Return the parts, one after the other."""
        kept = list(parts)
        return cls(
            "".join(part.text for part in kept),
            list(chain.from_iterable(part.starts for part in kept)),
            list(chain.from_iterable(part.ends for part in kept)),
        )

    def __len__(self) -> int:
        return len(self.text)

    def slice(self, start: int = 0, end: int | None = None) -> "AlignedText":
        """Return a part, with the indices of a slice."""
        return AlignedText(self.text[start:end], self.starts[start:end], self.ends[start:end])

    def strip(self) -> "AlignedText":
        """Return the text without white space around it."""
        start = len(self.text) - len(self.text.lstrip())
        return self.slice(start, max(start, len(self.text.rstrip())))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return which of the source's characters the characters `start` to `end`, exclusive, stand for."""
        if start == end:
            position = self._position(start)
            return position, position
        return min(self.starts[start:end]), max(self.ends[start:end])

    def replaced(self, start: int, end: int, new: str) -> "AlignedText":
        """Return `new`, standing for what the characters `start` to `end`, exclusive, stand for."""
        first, last = self.span(start, end)
        return AlignedText(new, [first] * len(new), [last] * len(new))

    def edited(self, edits: Iterable[Edit]) -> "AlignedText":
        """Replace parts of the text; the edits must be in order and must not overlap."""
        parts: list[AlignedText] = []
        position = 0
        for start, end, new in edits:
            parts.append(self.slice(position, start))
            parts.append(self.replaced(start, end, new))
            position = end
        return AlignedText.join([*parts, self.slice(position)]) if parts else self

    def sub(self, pattern: re.Pattern[str], replacement: Replacement) -> "AlignedText":
        """Replace every match, as `re.sub` does.

        What is replaced stands for the whole match, but for whole words at both ends that are the same as before.
        """
        parts: list[AlignedText] = []
        position = 0
        for match in pattern.finditer(self.text):
            new = match.expand(replacement) if isinstance(replacement, str) else replacement(match)
            if new is None or new == match[0]:
                continue
            start, end, new = _changed(match, new)
            parts.append(self.slice(position, start))
            parts.append(self.replaced(start, end, new))
            position = end
        if not parts:
            return self
        parts.append(self.slice(position))
        return AlignedText.join(parts)

    def lower(self) -> "AlignedText":
        """Return the text in lower case. It must be ASCII, so that each character stays one."""
        return AlignedText(self.text.lower(), self.starts, self.ends)

    def _position(self, index: int) -> int:
        """Return where in the source something before character `index` would stand."""
        if index < len(self.starts):
            return self.starts[index]
        return self.ends[-1] if self.ends else 0


def _changed(match: re.Match[str], new: str) -> tuple[int, int, str]:
    """Return the part of a match that a replacement changes, and what takes its place.

    Characters that are the same at both ends are no part of the change, as far as they are whole words in both texts.
    """
    old = match[0]
    shorter = min(len(old), len(new))
    same = next((index for index in range(shorter) if old[index] != new[index]), shorter)
    while same and (_inside_word(old, same) or _inside_word(new, same)):
        same -= 1
    shorter -= same
    tail = next((index for index in range(shorter) if old[-1 - index] != new[-1 - index]), shorter)
    while tail and (_inside_word(old, len(old) - tail) or _inside_word(new, len(new) - tail)):
        tail -= 1
    return match.start() + same, match.end() - tail, new[same : len(new) - tail]


def _inside_word(text: str, index: int) -> bool:
    return index > 0 and _INSIDE_WORD.fullmatch(text[index - 1 : index + 1]) is not None
