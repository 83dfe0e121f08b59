"""The characters by which one stage tells a later one where a line ends and where a pause is.

No other text holds them after the first stage, which replaces or removes them. They are ordinary characters for the
stages between, so they keep their place through every edit.
"""

LINE_END = "\u2e3b"
"""The end of a line that stands alone. A punctuation mark, so that Markdown sees the word beside it as one."""

_FIRST_PAUSE = 0xF0000
LONGEST_PAUSE = 10.0
"""Seconds of one pause."""

PAUSES = f"{chr(_FIRST_PAUSE)}-{chr(_FIRST_PAUSE + round(1000 * LONGEST_PAUSE))}"
"""All pauses, as the range of a character class."""


def pause(seconds: float) -> str:
    """Return the character for a pause of at most `LONGEST_PAUSE`, rounded to milliseconds."""
    return chr(_FIRST_PAUSE + round(1000 * seconds))


def seconds(character: str) -> float:
    """Return how long a pause's character asks for, in seconds."""
    return (ord(character) - _FIRST_PAUSE) / 1000
