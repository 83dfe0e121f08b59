"""The errors that the proxy answers with instead of audio.

ApiError
├── InvalidRequest          400  the request is wrong
│   ├── InvalidValue        400  one of its fields is wrong
│   │   ├── NothingHeard    400  the model made no sound for this text
│   │   └── NothingToCancel 400  there is no such response, or it has ended
│   ├── InputTooLong        400  the text is longer than allowed
│   ├── InvalidJson         400  the body is not JSON
│   ├── InvalidApiKey       401  the key is missing or wrong
│   ├── UnknownUrl          404  there is no such route
│   ├── ModelNotFound       404  there is no such model
│   ├── MethodNotAllowed    405  the route has no such method
│   ├── RequestTimeout      408  the request did not arrive in time
│   ├── SessionExpired      408  a live session was idle for too long, or is too old
│   ├── BodyTooLarge        413  the body is larger than allowed
│   ├── UnsupportedMedia    415  the body is declared as something other than JSON
│   └── UpgradeRequired     426  the route is a WebSocket
├── QueueFull               429  a limit on concurrent clips is reached; try again later
└── ServerError             500  the engine or the proxy broke
    ├── RequestQuarantined  500  the engine died twice while it spoke this text
    ├── ServiceUnavailable  503  Triton is down or not ready
    │   └── EngineLost      503  the Triton or engine that was speaking this text died or disconnected
    └── DeadlineExceeded    504  no audio in time
"""

from typing import Any, ClassVar

LONGEST_RETRY_AFTER = 60
"""Seconds; the openai clients ignore a longer `Retry-After`."""

PROXY_FAILED = "The proxy failed; its log tells why."


class ApiError(Exception):
    """An error in OpenAI's shape: `str()` is the message, `param` the wrong field.

    A subclass sets `status`, `type`, `code` and `retryable`: whether the same request could succeed later (the openai
    clients obey it). `retry_after` is the number of seconds to wait.
    """

    status: ClassVar[int]
    type: ClassVar[str]
    code: ClassVar[str | None] = None
    retryable: ClassVar[bool] = False
    retry_after: int | None = None

    def __init__(self, message: str, *, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param

    def body(self) -> dict[str, dict[str, Any]]:
        """The JSON body; it always has all four keys."""
        return {"error": {"message": str(self), "type": self.type, "param": self.param, "code": self.code}}

    def headers(self) -> dict[str, str]:
        """The headers that tell a client whether and when to try again."""
        headers = {} if self.retryable else {"x-should-retry": "false"}
        if self.retry_after is not None:
            headers["retry-after"] = str(self.retry_after)
        return headers


class InvalidRequest(ApiError):
    """The request is wrong as a whole."""

    status = 400
    type = "invalid_request_error"


class InvalidValue(InvalidRequest):
    """A field is missing, of the wrong type, out of range or not supported."""

    code = "invalid_value"

    def __init__(self, param: str | None, problem: str) -> None:
        super().__init__(f"Invalid '{param}': {problem}" if param else problem, param=param)


class NothingHeard(InvalidValue):
    """The model made no sound for the text."""

    def __init__(self, problem: str) -> None:
        super().__init__("input", problem)


class NothingToCancel(InvalidValue):
    """A response to be cancelled is not there, or has ended; clients may do that without knowing."""

    code = "response_cancel_not_active"

    def __init__(self) -> None:
        super().__init__("response_id", "there is no response to cancel.")


class InputTooLong(InvalidRequest):
    """The text has more code points than allowed."""

    code = "string_above_max_length"

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"Invalid 'input': at most {limit} characters are allowed, got {length}.", param="input")


class InvalidJson(InvalidRequest):
    """The body is not JSON."""

    code = "invalid_json"


class InvalidApiKey(InvalidRequest):
    """The request has no key, or a wrong one."""

    status = 401
    code = "invalid_api_key"

    def __init__(self, *, given: bool) -> None:
        super().__init__(
            "The API key is wrong." if given else "This server wants an API key: send 'Authorization: Bearer <key>'."
        )

    def headers(self) -> dict[str, str]:
        """Add the authentication scheme, which HTTP requires."""
        return super().headers() | {"www-authenticate": "Bearer"}


class UnknownUrl(InvalidRequest):
    """There is no such route."""

    status = 404
    code = "unknown_url"


class ModelNotFound(InvalidRequest):
    """There is no model of this name."""

    status = 404
    code = "model_not_found"

    def __init__(self, model: str, known: list[str]) -> None:
        super().__init__(f"The model '{model}' does not exist. Use one of: {', '.join(known)}.", param="model")


class MethodNotAllowed(InvalidRequest):
    """The route does not have this method."""

    status = 405
    code = "method_not_allowed"


class RequestTimeout(InvalidRequest):
    """The body did not arrive in time."""

    status = 408
    code = "request_timeout"
    retryable = True

    def __init__(self, deadline: float) -> None:
        super().__init__(f"The request body did not arrive within {deadline:g} seconds.")

    def headers(self) -> dict[str, str]:
        """Also close the connection, because the rest of the body may still arrive."""
        return super().headers() | {"connection": "close"}


class SessionExpired(InvalidRequest):
    """A live session had nothing to say for too long, or has lasted too long."""

    status = 408
    code = "session_expired"
    retryable = True


class BodyTooLarge(InvalidRequest):
    """The body has more bytes than allowed."""

    status = 413
    code = "body_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The request body is larger than the {limit} bytes that are allowed.")


class UnsupportedMedia(InvalidRequest):
    """The body is declared as something other than JSON."""

    status = 415
    code = "unsupported_media_type"

    def __init__(self, content_type: str) -> None:
        super().__init__(f"Send the body with the header 'Content-Type: application/json', not '{content_type}'.")


class UpgradeRequired(InvalidRequest):
    """The route is a WebSocket, and would be opened now."""

    status = 426
    code = "upgrade_required"

    def headers(self) -> dict[str, str]:
        """Add what to upgrade to, which HTTP requires."""
        return super().headers() | {"connection": "upgrade", "upgrade": "websocket"}


class QueueFull(ApiError):
    """A limit on concurrent clips or on buffered audio is reached."""

    status = 429
    type = "rate_limit_error"
    code = "queue_full"
    retryable = True
    retry_after = 1


class ServerError(ApiError):
    """The engine or the proxy broke."""

    status = 500
    type = "server_error"
    code = "internal_error"
    retryable = True


class ServiceUnavailable(ServerError):
    """Triton cannot be reached, is starting or is stopping."""

    status = 503
    code = "service_unavailable"
    retry_after = 5


class EngineLost(ServiceUnavailable):
    """A Triton or its engine was lost during the request, which may have caused it."""


class RequestQuarantined(ServerError):
    """The engine died while it spoke this text, and died again at the second attempt."""

    code = "request_quarantined"
    retryable = False


class DeadlineExceeded(ServerError):
    """The engine accepted the request but made no audio in time."""

    status = 504
    code = "timeout"


def first_error(group: BaseExceptionGroup[ApiError]) -> ApiError:
    """The first of the errors with which tasks have ended."""
    first = group.exceptions[0]
    return first_error(first) if isinstance(first, BaseExceptionGroup) else first
