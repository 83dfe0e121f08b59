"""The routes' dependencies that ask for a key."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from proxy.services import AppServices

_BEARER = HTTPBearer(auto_error=False, description="One of the server's keys, if it has any.")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]


def require_key(services: AppServices, credentials: Credentials) -> None:
    """Raise `InvalidApiKey` unless the request has a key."""
    services.api_keys.require(credentials.credentials if credentials else None)


def require_key_for_listings(services: AppServices, credentials: Credentials) -> None:
    """Do the same for what may be listed without a key, unless the settings say otherwise."""
    if not services.settings.public_listings:
        require_key(services, credentials)
