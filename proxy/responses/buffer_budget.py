"""One limit on the unsent audio of all clips together."""

from collections.abc import Callable

from prometheus_client import Gauge

from proxy.errors import QueueFull

RESERVED_SHARE = 1 / 8
"""The share of the limit that is reserved for running clips: while less is free, new clips are refused."""


def used_up() -> QueueFull:
    """The error of a clip that the budget has closed."""
    return QueueFull("All memory for audio that clients have not read is used up; try again later.")


class BufferBudget:
    """Limits all accounts together to `limit` bytes. To be used from one thread only.

    When the limit is exceeded, the largest account is closed, so that slow clients do not harm those that keep up.
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
        """An account for one clip. `on_cut` is called if the budget closes it because it is the largest."""
        account = BufferAccount(self, on_cut)
        self._accounts.add(account)
        return account

    def change(self, account: "BufferAccount", difference: int) -> None:
        """Charge `account` with `difference` bytes, or refund them if negative."""
        account.bytes += difference
        self._used += difference
        while self._used > self._limit:
            largest = max(self._accounts, key=lambda each: each.bytes)
            self.close(largest)
            largest.on_cut()
        self._gauge.set(self._used)

    def close(self, account: "BufferAccount") -> None:
        """Refund all bytes of `account`; it cannot be used again."""
        self._accounts.discard(account)
        account.is_open = False
        self._used -= account.bytes
        account.bytes = 0
        self._gauge.set(self._used)


class BufferAccount:
    """The bytes of one clip: those that wait to be sent, and those that its encoder holds until the clip's end."""

    def __init__(self, budget: BufferBudget, on_cut: Callable[[], None]) -> None:
        self._budget = budget
        self._held = 0
        self.on_cut = on_cut
        self.is_open = True
        self.bytes = 0

    def add(self, size: int) -> None:
        """Add `size` bytes, which may be negative; no effect once the account is closed."""
        if self.is_open:
            self._budget.change(self, size)

    def hold(self, size: int) -> None:
        """Set the number of bytes that the encoder holds to `size`."""
        difference, self._held = size - self._held, size
        self.add(difference)

    def close(self) -> None:
        """Refund all bytes."""
        self._budget.close(self)
