"""Applies the rules of all classes to a text, and keeps count of what each has read."""

import logging
import re
import traceback
from collections.abc import Iterable
from dataclasses import dataclass

from text.aligned_text import AlignedText
from text.verbalization.rule import Rule

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tag:
    """A part of the caller's text that a rule has put into words: its span `[start, end)` in code points."""

    kind: str
    start: int
    end: int
    spoken: str


def verbalize(text: AlignedText, rules: Iterable[Rule], tags: list[Tag]) -> AlignedText:
    """Apply the rules, one after the other, and add what each has read to `tags`.

    A rule that raises leaves its match to the rules after it: a fault in one class must not cost the whole text.
    """
    for rule in rules:
        text = text.sub(rule.pattern, _Reader(rule, text, tags).read)
    return text


class _Reader:
    """Reads the matches of one rule in one text."""

    def __init__(self, rule: Rule, text: AlignedText, tags: list[Tag]) -> None:
        self._rule = rule
        self._text = text
        self._tags = tags

    def read(self, match: re.Match[str]) -> str | None:
        """Return what the match is read as, or None to leave it."""
        try:
            spoken = self._rule.say(match)
        except Exception as error:
            # Not the error's message, which may hold a part of the text.
            where = traceback.extract_tb(error.__traceback__)[-1]
            logger.error(  # noqa: TRY400
                "a rule for %s failed: %s in %s, line %s",
                self._rule.kind,
                type(error).__name__,
                where.name,
                where.lineno,
            )
            return None
        if spoken is not None and spoken != match[0]:
            self._tags.append(Tag(self._rule.kind, *self._text.span(*match.span()), " ".join(spoken.split())))
        return spoken
