"""FastAPI dependencies that require an API key."""

from collections.abc import Iterator

from fastapi import Depends
from fastapi.security import HTTPBearer
from starlette.requests import HTTPConnection

from proxy.services import AppServices

KEY_HEADERS = ("x-api-key", "api-key", "xi-api-key")
"""Headers in which clients of other services send their key, without a scheme."""

SUBPROTOCOL_PREFIX = "openai-insecure-api-key."
"""With it, browsers send their key as a WebSocket's subprotocol, since they cannot set headers."""

documented = Depends(HTTPBearer(auto_error=False, description="One of the server's keys, if it has any."))
"""Shows in the API's description how a key is sent; it requires nothing."""


def require_key(connection: HTTPConnection, services: AppServices) -> None:
    """Raise `InvalidApiKey` unless the connection has an accepted key; store it as `state.api_key`."""
    key = next(_keys(connection), "")
    services.api_keys.require(key)
    connection.state.api_key = key


def require_key_for_listings(connection: HTTPConnection, services: AppServices) -> None:
    """Do the same for the listings, unless the settings make them public."""
    if not services.settings.public_listings:
        require_key(connection, services)


def _keys(connection: HTTPConnection) -> Iterator[str]:
    """The keys that a client has sent, the usual place first; without empty ones."""
    scheme, _, credentials = connection.headers.get("authorization", "").partition(" ")
    sent = [credentials.strip() if scheme.lower() == "bearer" else ""]
    sent += [connection.headers.get(name, "") for name in KEY_HEADERS]
    # Subprotocols come as text that was decoded as Latin-1, as headers are.
    protocols: list[str] = connection.scope.get("subprotocols", [])
    sent += [each.removeprefix(SUBPROTOCOL_PREFIX) for each in protocols if each.startswith(SUBPROTOCOL_PREFIX)]
    return filter(None, sent)
