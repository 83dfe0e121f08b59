"""The engine's errors.

EngineError
├── InvalidText        the caller's text cannot be spoken
├── InvalidParameter   a parameter of a request is out of range
├── InvalidSettings    a setting of the engine is wrong
├── CheckpointError    the weights are missing, damaged or do not fit
│   └── CheckpointUnavailable   the weights are not on this machine and could not be downloaded
├── Overloaded         the engine has too many requests
├── TimedOut           no audio was decoded before the deadline
├── Cancelled          the request was cancelled, by its caller or by a shutdown
├── NoAudio            the model made no sound for any sentence of the text
├── EngineFailed       the engine has a fault
│   └── EngineUnavailable   the engine is being restarted; a retry should succeed
└── Quarantined        the engine died twice while it spoke the request
"""

import math

from text import errors as text_errors


class EngineError(Exception):
    """Base of the engine's errors: `str()` is a message for users, `code` is stable for programs."""

    code = "internal"

    @property
    def coded(self) -> str:
        """`code: message`, the form in which an error leaves the process."""
        return f"{self.code}: {self}"


class InvalidText(EngineError):
    """The text is empty, too long or has nothing that can be spoken."""

    code = "invalid_text"


class InvalidParameter(EngineError):
    """A parameter of a request has the wrong type or is out of range."""

    code = "invalid_parameter"


class InvalidSettings(EngineError):
    """A setting of the engine is wrong; the engine was not started."""

    code = "invalid_settings"


class CheckpointError(EngineError):
    """A checkpoint is missing, damaged, incomplete or of an unknown kind."""

    code = "checkpoint"


class CheckpointUnavailable(CheckpointError):
    """A checkpoint is not on this machine and could not be downloaded. The message is `reason`, then a remedy."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason, remedy)
        self.reason = reason

    def __str__(self) -> str:
        return " ".join(self.args)


class Overloaded(EngineError):
    """The engine has too many requests; the caller should try again later."""

    code = "overloaded"


class TimedOut(EngineError):
    """No audio was decoded before the deadline: the engine is too busy. The caller should try again later."""

    code = "timeout"


class Cancelled(EngineError):
    """The request was cancelled before its last audio was emitted."""

    code = "cancelled"


class NoAudio(EngineError):
    """The model made no sound for any sentence of the text in any attempt."""

    code = "no_audio"


class EngineFailed(EngineError):
    """The engine failed while it worked on the request."""

    code = "internal"


class EngineUnavailable(EngineFailed):
    """The engine died or is restarting, not known to be caused by the request: a retry should succeed."""

    code = "unavailable"

    def __init__(self, reason: str, retry_after: float) -> None:
        super().__init__(reason, retry_after)
        self.reason = reason
        self.retry_after = retry_after
        """Seconds until the engine is expected to be ready."""

    def __str__(self) -> str:
        return f"{self.reason}; retry after {max(1, math.ceil(self.retry_after))} s"


class Quarantined(EngineError):
    """The engine died twice while it spoke the request; the request is not tried again."""

    code = "quarantined"


_TRITON_STATUS = {
    "invalid_text": "INVALID_ARG",
    "invalid_parameter": "INVALID_ARG",
    "no_audio": "INVALID_ARG",
    "overloaded": "UNAVAILABLE",
    "unavailable": "UNAVAILABLE",
    "timeout": "UNAVAILABLE",
    "cancelled": "CANCELLED",
}


def triton_status(code: str) -> str:
    """The name in `pb_utils.TritonError` of the status for an error's `code`.

    A name, because Triton completes that module only after it has imported the models.
    """
    return _TRITON_STATUS.get(code, "INTERNAL")


def of_text(error: text_errors.TextError) -> EngineError:
    """Return the engine error for an error of text preparation."""
    match error:
        case text_errors.InvalidText():
            return InvalidText(str(error))
        case text_errors.TooManyTexts():
            return Overloaded(str(error))
        case text_errors.QuarantinedText():
            return Quarantined(str(error))
        case _:
            return EngineUnavailable(str(error), retry_after=5)
