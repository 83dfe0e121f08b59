"""The OpenAPI description, which says of every route what it really answers."""

from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter

_COMPONENTS = "#/components/schemas/{model}"
_DEFINITIONS = "$defs"
_FRAMEWORKS_STATUS = "422"
"""What FastAPI announces for a parameter that does not fit; here that is a 400, like every wrong value."""


def schema_of(adapter: TypeAdapter[Any]) -> dict[str, Any]:
    """The JSON schema of a type, for a part of a description that FastAPI does not write by itself."""
    return adapter.json_schema(ref_template=_COMPONENTS)


def add_description(app: FastAPI) -> None:
    """Make `app` describe itself without the answers that it never gives, and with what `schema_of` refers to."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        description = generate()
        for path in description["paths"].values():
            for operation in path.values():
                operation["responses"].pop(_FRAMEWORKS_STATUS, None)
        _gather_definitions(description["paths"], description["components"]["schemas"])
        return description

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def _gather_definitions(node: object, schemas: dict[str, Any]) -> None:
    """Move the definitions inside of schemas to where their references look for them."""
    if isinstance(node, dict):
        schemas.update(node.pop(_DEFINITIONS, {}))
        for value in node.values():
            _gather_definitions(value, schemas)
    elif isinstance(node, list):
        for value in node:
            _gather_definitions(value, schemas)
