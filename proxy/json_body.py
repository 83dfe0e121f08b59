"""Reading a JSON request body, with limits on its size and time."""

import asyncio
from collections.abc import Sequence
from email.message import Message
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.requests import Request

from proxy.errors import BodyTooLarge, InvalidJson, InvalidRequest, InvalidValue, RequestTimeout, UnsupportedMedia

Model = TypeVar("Model", bound=BaseModel)


async def read_json(request: Request, model: type[Model], max_bytes: int, deadline: float) -> Model:
    """The body as a `model`. Raises an `InvalidRequest`, a `RequestTimeout` if it takes over `deadline` seconds.

    It is parsed by pydantic because the standard library's parser accepts lone surrogates, which are not valid text.
    """
    _require_json(request)
    try:
        async with asyncio.timeout(deadline):
            body = await _read_body(request, max_bytes)
    except TimeoutError as error:
        raise RequestTimeout(deadline) from error
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise validation_error(error.errors()) from error


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
