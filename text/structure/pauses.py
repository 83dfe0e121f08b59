"""Pauses: how long the ones are that a text asks for."""

import re

from text.errors import InvalidText
from text.structure.markers import LONGEST_PAUSE

LONGEST_TOGETHER = 60.0
"""Seconds of all pauses of a text."""

STRENGTHS = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.7, "x-strong": 1.0}
"""Seconds for `<break strength="…"/>`. SSML leaves them to the speaker: about a comma, a full stop, a paragraph."""

_DURATION = re.compile(
    r"\+?([0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})\s*(ms|milliseconds?|s|secs?|seconds?)?", re.IGNORECASE
)


def duration(written: str) -> float | None:
    """Return the seconds of `500ms`, `0.5s` or `0.5`; None if it is something else."""
    match = _DURATION.fullmatch(written.strip())
    if not match:
        return None
    number, unit = match.groups()
    return float(number) / (1000 if unit and unit.lower().startswith("m") else 1)


def break_duration(time: str | None, strength: str | None) -> float:
    """Return the seconds of `<break time="…" strength="…"/>`: the time counts if it is one."""
    seconds = duration(time) if time else None
    return STRENGTHS.get((strength or "").strip().lower(), STRENGTHS["medium"]) if seconds is None else seconds


class PauseLimit:
    """Counts the pauses of one text."""

    def __init__(self) -> None:
        self._total = 0.0

    def add(self, seconds: float) -> None:
        """Count one more pause.

        Raises:
            InvalidText: It is, or all together are, too long.
        """
        if seconds > LONGEST_PAUSE:
            raise InvalidText(
                f"A pause of {seconds:g} s is too long; at most {LONGEST_PAUSE:g} s are allowed. Ask for a shorter one."
            )
        self._total += seconds
        # Half a millisecond for the rounding of many small ones.
        if self._total > LONGEST_TOGETHER + 0.0005:
            raise InvalidText(
                f"The pauses of the text last more than {LONGEST_TOGETHER:g} s together. Ask for fewer or shorter ones,"
                " or send the text in several requests."
            )
