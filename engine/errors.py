"""Everything the engine raises on purpose.

EngineError
├── InvalidText        the caller's text cannot be spoken
├── InvalidParameter   a parameter of a request is out of range
├── InvalidSettings    the engine was configured wrongly
├── CheckpointError    the weights are missing, damaged or do not fit
│   └── CheckpointUnavailable   they are not on this machine and could not be got
├── Overloaded         every place in the waiting line is taken
├── TimedOut           the request had no audio in time
├── Cancelled          the request was cancelled, by its caller or by a shutdown
├── NoAudio            the model made no sound for any sentence of the text
├── EngineFailed       the engine itself broke
│   └── EngineUnavailable   it is being replaced; another try will do
└── Quarantined        the request was being spoken when the engine died, twice
"""

import math

from text import errors as text_errors


class EngineError(Exception):
    """Base of the engine's errors: `str()` is the sentence for a person, `code` is stable for programs."""

    code = "internal"

    @property
    def coded(self) -> str:
        """The message with its code in front, as it crosses a process boundary."""
        return f"{self.code}: {self}"


class InvalidText(EngineError):
    """The text is empty, too long or holds nothing that can be spoken."""

    code = "invalid_text"


class InvalidParameter(EngineError):
    """A parameter of a request has the wrong type or is out of range."""

    code = "invalid_parameter"


class InvalidSettings(EngineError):
    """A setting of the engine is wrong; nothing has been started."""

    code = "invalid_settings"


class CheckpointError(EngineError):
    """A checkpoint is missing, damaged, incomplete or of an unknown kind."""

    code = "checkpoint"


class CheckpointUnavailable(CheckpointError):
    """A checkpoint is not on this machine and could not be got. `reason` is one sentence; the message adds a remedy."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason, remedy)
        self.reason = reason

    def __str__(self) -> str:
        return " ".join(self.args)


class Overloaded(EngineError):
    """The engine holds as many requests as it may; the caller should come back later."""

    code = "overloaded"


class TimedOut(EngineError):
    """None of the request's audio was made in time; the engine is too busy, and the caller should come back later."""

    code = "timeout"


class Cancelled(EngineError):
    """The request was cancelled before its last audio."""

    code = "cancelled"


class NoAudio(EngineError):
    """The model made no sound for any sentence of the text, with every retry."""

    code = "no_audio"


class EngineFailed(EngineError):
    """The engine broke while it worked on the request."""

    code = "internal"


class EngineUnavailable(EngineFailed):
    """The engine died or is starting again, through no known fault of the request: another try will do."""

    code = "unavailable"

    def __init__(self, reason: str, retry_after: float) -> None:
        super().__init__(reason, retry_after)
        self.reason = reason
        self.retry_after = retry_after
        """Seconds until it is expected to speak again."""

    def __str__(self) -> str:
        return f"{self.reason}; retry after {max(1, math.ceil(self.retry_after))} s"


class Quarantined(EngineError):
    """The engine died while it spoke the request, and again when it was tried once more: it is not tried again."""

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
    """Return what the engine's callers are told of an error in preparing a text."""
    match error:
        case text_errors.InvalidText():
            return InvalidText(str(error))
        case text_errors.TooManyTexts():
            return Overloaded(str(error))
        case text_errors.QuarantinedText():
            return Quarantined(str(error))
        case _:
            return EngineUnavailable(str(error), retry_after=5)
