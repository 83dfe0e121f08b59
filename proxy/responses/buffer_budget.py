"""One limit for the audio of all clips that waits in the proxy."""

from collections.abc import Callable

from prometheus_client import Gauge

from proxy.errors import QueueFull

RESERVED_SHARE = 1 / 8
"""Of the limit, for clips that have begun: while less is free, no further ones begin."""


class BufferBudget:
    """At most `limit` bytes in all accounts together. All from one thread, the event loop's.

    What would exceed the limit costs the largest account what it has: those who keep up are not to suffer from those
    who do not.
    """

    def __init__(self, limit: int, gauge: Gauge) -> None:
        self._limit = limit
        self._gauge = gauge
        self._accounts: set[BufferAccount] = set()
        self._used = 0

    def require_room(self) -> None:
        """Raise `QueueFull` unless there is room for one more clip."""
        if self._used > self._limit * (1 - RESERVED_SHARE):
            raise QueueFull("Too much audio waits for its readers; try again later.")

    def open(self, on_cut: Callable[[], None]) -> "BufferAccount":
        """An account of one clip. `on_cut` is called when it loses what it has; it is closed then."""
        account = BufferAccount(self, on_cut)
        self._accounts.add(account)
        return account

    def change(self, account: "BufferAccount", difference: int) -> None:
        """Charge `account`, or give back."""
        account.bytes += difference
        self._used += difference
        while self._used > self._limit:
            largest = max(self._accounts, key=lambda each: each.bytes)
            self.close(largest)
            largest.on_cut()
        self._gauge.set(self._used)

    def close(self, account: "BufferAccount") -> None:
        """Give everything back, for good."""
        self._accounts.discard(account)
        account.is_open = False
        self._used -= account.bytes
        account.bytes = 0
        self._gauge.set(self._used)


class BufferAccount:
    """What one clip keeps: bytes that wait to be sent, and those that its encoder holds until the clip is whole."""

    def __init__(self, budget: BufferBudget, on_cut: Callable[[], None]) -> None:
        self._budget = budget
        self._held = 0
        self.on_cut = on_cut
        self.is_open = True
        self.bytes = 0

    def add(self, size: int) -> None:
        """Count `size` bytes more, or fewer; nothing once it is closed."""
        if self.is_open:
            self._budget.change(self, size)

    def hold(self, size: int) -> None:
        """Say that the encoder holds `size` bytes now."""
        difference, self._held = size - self._held, size
        self.add(difference)

    def close(self) -> None:
        """Give everything back."""
        self._budget.close(self)
