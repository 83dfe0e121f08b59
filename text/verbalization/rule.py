"""A rule: a pattern in written text, and the words that it is read as."""

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """How one kind of writing is read.

    `say` gets a match and returns the words: lower-case ASCII letters, spaces, hyphens, apostrophes and the punctuation
    of prose, with spaces around them where the match touches other words. It returns None for a match that is not of
    this kind after all (its context shows it), which is left to the rules after it. `match.string` is the whole text.

    A pattern must take linear time for any text whose words have at most 100 characters. So it begins where a run of
    its own characters begins (a look-behind), and nothing in it repeats without a limit over several words.
    """

    kind: str
    """The class, as `soprano text --json` names it: `money`, `date`, …"""
    pattern: re.Pattern[str]
    say: Callable[[re.Match[str]], str | None]
