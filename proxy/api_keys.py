"""Who may ask for speech."""

import hmac
from collections.abc import Collection

from proxy.errors import InvalidApiKey


class ApiKeys:
    """The keys that are accepted; without any, everybody is let in."""

    def __init__(self, keys: Collection[str]) -> None:
        self._keys = [key.encode() for key in keys]

    def require(self, key: str | None) -> None:
        """Raise `InvalidApiKey` unless `key` is one of them, taking the same time for every wrong one.

        It is as a header gives it: each character stands for one byte.
        """
        if not self._keys:
            return
        given = (key or "").encode("latin-1")
        # All of them are compared, whichever fits.
        fits = [hmac.compare_digest(given, known) for known in self._keys]
        if True not in fits:
            raise InvalidApiKey(given=bool(key))
