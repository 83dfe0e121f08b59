"""Reading a JSON request body, with limits on its size and time."""

import asyncio
import json
import re
from codecs import BOM_UTF8
from collections.abc import Sequence
from email.message import Message
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.requests import Request

from proxy.errors import BodyTooLarge, InvalidJson, InvalidRequest, InvalidValue, RequestTimeout, UnsupportedMedia

_ESCAPE = re.compile(
    rb"""
    \\u (?i: d[89ab][0-9a-f]{2}) \\u (?i: d[c-f][0-9a-f]{2})  # a pair
    | \\u (?i: (d[89a-f][0-9a-f]{2}))                         # half of one
    | (?: \\\\ )+                                             # backslashes, which may stand before a mere u
    """,
    re.VERBOSE,
)

Model = TypeVar("Model", bound=BaseModel)


async def read_json(request: Request, model: type[Model], max_bytes: int, deadline: float) -> Model:
    """The body as a `model`. Raises an `InvalidRequest`, a `RequestTimeout` if it takes over `deadline` seconds.

    What is written into it is read leniently where its meaning is certain, as `repaired` does.
    """
    _require_json(request)
    try:
        async with asyncio.timeout(deadline):
            body = await _read_body(request, max_bytes)
    except TimeoutError as error:
        raise RequestTimeout(deadline) from error
    try:
        return model.model_validate_json(repaired(body))
    except ValidationError as error:
        raise validation_error(error.errors()) from error


def validated(model: type[Model], fields: object) -> Model:
    """The fields of a message as a `model`. Raises an `InvalidRequest` that names the wrong field."""
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise validation_error(error.errors()) from error


def json_object(text: bytes, what: str) -> dict[str, Any]:
    """The JSON object in a text, which is read as `repaired` does. Raises `InvalidJson`; `what` names the text."""
    try:
        parsed = json.loads(repaired(text))
    except (ValueError, RecursionError) as error:
        raise InvalidJson(f"The {what} is not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise InvalidJson(f"The {what} must be a JSON object.")
    return parsed


def repaired(body: bytes) -> bytes:
    """JSON without a byte-order mark, and with U+FFFD for each half of a surrogate pair, which nothing can speak.

    Offsets in code points stay as they were. Half a pair is what a client sends that cuts a text inside an emoji.
    """
    body = body.removeprefix(BOM_UTF8)
    return _ESCAPE.sub(lambda escape: rb"\ufffd" if escape[1] else escape[0], body) if b"\\u" in body else body


def validation_error(problems: Sequence[ErrorDetails]) -> InvalidRequest:
    """The API error for the first of pydantic's problems; it names the field."""
    problem = problems[0]
    if problem["type"] == "json_invalid":
        return InvalidJson(f"The request body is not valid JSON: {problem['ctx']['error']}.")
    # FastAPI puts the kind of a parameter before its name.
    location = [part for part in problem["loc"] if part not in {"query", "path", "body"}]
    field = str(location[0]) if location else None
    return InvalidValue(field, f"{problem['msg']}.")


def _require_json(request: Request) -> None:
    header = Message()
    header["content-type"] = request.headers.get("content-type", "")
    content_type = header.get_content_type()
    if content_type != "application/json" and not content_type.endswith("+json"):
        raise UnsupportedMedia(request.headers.get("content-type", ""))


async def _read_body(request: Request, max_bytes: int) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise BodyTooLarge(max_bytes)
    body = bytearray()
    # Checked while it arrives, because a chunked body declares no length.
    async for part in request.stream():
        body += part
        if len(body) > max_bytes:
            raise BodyTooLarge(max_bytes)
    return bytes(body)
