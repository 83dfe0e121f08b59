"""The OpenAPI description, corrected to list exactly the responses that each route can give."""

from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter

_COMPONENTS = "#/components/schemas/{model}"
_DEFINITIONS = "$defs"
_FRAMEWORKS_STATUS = "422"
"""The status that FastAPI describes for an invalid parameter; the proxy answers with 400, as for every wrong value."""


def schema_of(adapter: TypeAdapter[Any]) -> dict[str, Any]:
    """The JSON schema of a type, for parts of the description that FastAPI does not generate."""
    return adapter.json_schema(ref_template=_COMPONENTS)


def add_description(app: FastAPI) -> None:
    """Remove responses that `app` never gives from its description, and add the definitions that `schema_of` uses."""
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
    """Move definitions nested in schemas to `schemas`, where their references point."""
    if isinstance(node, dict):
        schemas.update(node.pop(_DEFINITIONS, {}))
        for value in node.values():
            _gather_definitions(value, schemas)
    elif isinstance(node, list):
        for value in node:
            _gather_definitions(value, schemas)
