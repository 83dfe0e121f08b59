"""How long to wait before a process that has ended is started again."""

PAUSES = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds before each attempt; the last value is repeated."""

STABLE_AFTER = 180.0
"""Seconds after which a process counts as stable: its next restart begins without a pause."""


class RestartPauses:
    """The pauses of one process, which grow from attempt to attempt."""

    def __init__(self) -> None:
        self._attempts = 0

    def next(self, ran: float = 0.0) -> float:
        """The seconds before the next attempt to start a process that ran for `ran` seconds, if it started at all."""
        if ran >= STABLE_AFTER:
            self._attempts = 0
        self._attempts += 1
        return PAUSES[min(self._attempts, len(PAUSES)) - 1]
