"""The log on standard error, as text or as one JSON object per line."""

import json
import logging
import re
import time
from typing import Literal

LogFormat = Literal["text", "json"]


def configure(level: str, log_format: LogFormat) -> None:
    """Send the lines of every logger, including uvicorn's, to standard error in the same format."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler])


_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
"""Characters that start a new line, control a terminal or reverse the direction of text."""


def escaped(text: str) -> str:
    """Return `text` with characters that are unsafe in a log line escaped, such as `\\x1b`."""
    return _UNPRINTABLE.sub(lambda match: repr(match[0])[1:-1].encode("ascii", "backslashreplace").decode(), text)


class TextFormatter(logging.Formatter):
    """`INFO:     POST /v1/audio/speech 200 request_id=… seconds=…`."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s:     %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the base class's name)
        """Add the fields after the message."""
        fields = " ".join(f"{name}={value}" for name, value in _fields(record).items())
        return escaped(f"{super().formatMessage(record)} {fields}".rstrip())

    def formatException(self, ei: object) -> str:  # noqa: N802 (the base class's name)
        """Return the traceback, indented so that none of its lines looks like a log entry."""
        lines = super().formatException(ei).splitlines()  # type: ignore[arg-type]
        return "\n".join(f"    {escaped(line)}" for line in lines)


class JsonFormatter(logging.Formatter):
    """`{"time":…,"level":…,"logger":…,"message":…}`, the fields beside them, and `exception` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        line: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def _fields(record: logging.LogRecord) -> dict[str, object]:
    fields: dict[str, object] = getattr(record, "fields", {})
    return fields
