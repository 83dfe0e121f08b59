"""API keys: which requests may ask for speech."""

import hmac
from collections.abc import Collection

from proxy.errors import InvalidApiKey


class ApiKeys:
    """The accepted keys; without any, every request is accepted."""

    def __init__(self, keys: Collection[str]) -> None:
        self._keys = [key.encode() for key in keys]

    def require(self, key: str | None) -> None:
        """Raise `InvalidApiKey` unless `key` is accepted. Every wrong key takes the same time to check.

        `key` is decoded as Latin-1, as headers are: each character is one byte.
        """
        if not self._keys:
            return
        given = (key or "").encode("latin-1")
        # A list, not any(): stopping at the first match would reveal by its time which key matched.
        matches = [hmac.compare_digest(given, known) for known in self._keys]
        if True not in matches:
            raise InvalidApiKey(given=bool(key))
