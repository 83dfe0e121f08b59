"""Exception handlers: every exception becomes a response in OpenAI's shape."""

from typing import Any, cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ExceptionHandler

from proxy.errors import PROXY_FAILED, ApiError, InvalidRequest, MethodNotAllowed, ServerError, UnknownUrl
from proxy.json_body import validation_error
from proxy.middleware.request_id import HEADER
from proxy.request_record import CLIENT_LEFT


def add_error_handlers(app: FastAPI) -> None:
    """Make `app` answer every error in OpenAI's shape, including the framework's own errors."""
    handlers: dict[Any, Any] = {
        ApiError: _answer_api_error,
        RequestValidationError: _answer_validation_error,
        HTTPException: _answer_http_exception,
        ClientDisconnect: _answer_disconnected_client,
        Exception: _answer_bug,
    }
    for exception, handler in handlers.items():
        app.add_exception_handler(exception, cast("ExceptionHandler", handler))


def error_response(error: ApiError) -> JSONResponse:
    """The response for `error`."""
    return JSONResponse(error.body(), error.status, error.headers())


async def _answer_api_error(_: Request, error: ApiError) -> JSONResponse:
    return error_response(error)


async def _answer_validation_error(_: Request, error: RequestValidationError) -> JSONResponse:
    return error_response(validation_error(error.errors()))


async def _answer_http_exception(request: Request, exception: HTTPException) -> JSONResponse:
    route = f"{request.method} {request.url.path}"
    match exception.status_code:
        case 404:
            response = error_response(UnknownUrl(f"There is no route {route}."))
        case 405:
            response = error_response(MethodNotAllowed(f"The route does not allow {route}."))
        case _:
            kind = InvalidRequest if exception.status_code < 500 else ServerError
            response = error_response(kind(exception.detail))
            response.status_code = exception.status_code
    response.headers.update(exception.headers or {})
    return response


async def _answer_disconnected_client(_: Request, __: ClientDisconnect) -> Response:
    return Response(status_code=CLIENT_LEFT)


async def _answer_bug(request: Request, _: Exception) -> JSONResponse:
    response = error_response(ServerError(PROXY_FAILED))
    # Starlette calls this handler outside of all middleware, so no middleware adds the id.
    response.headers[HEADER] = request.state.request_id
    return response
