"""FastAPI dependencies that require an API key."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from proxy.services import AppServices

_BEARER = HTTPBearer(auto_error=False, description="One of the server's keys, if it has any.")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]


def require_key(request: Request, services: AppServices, credentials: Credentials) -> None:
    """Raise `InvalidApiKey` unless the request has an accepted key; store it as `request.state.api_key`."""
    key = credentials.credentials if credentials else None
    services.api_keys.require(key)
    request.state.api_key = key or ""


def require_key_for_listings(request: Request, services: AppServices, credentials: Credentials) -> None:
    """Do the same for the listings, unless the settings make them public."""
    if not services.settings.public_listings:
        require_key(request, services, credentials)
