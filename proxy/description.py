"""The OpenAPI description, which says of every route what it really answers."""

from typing import Any

from fastapi import FastAPI

FRAMEWORKS_STATUS = "422"
"""What FastAPI announces for a parameter that does not fit; here that is a 400, like every wrong value."""


def add_description(app: FastAPI) -> None:
    """Make `app` describe itself without the answers that it never gives."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        description = generate()
        for path in description["paths"].values():
            for operation in path.values():
                operation["responses"].pop(FRAMEWORKS_STATUS, None)
        return description

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way
