"""A reader of server-sent events that shares no code with the proxy."""

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any


def events(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The JSON objects of a stream; every event is a `data: ` line and an empty line."""
    for line in lines:
        if line:
            assert line.startswith("data: ")
            yield json.loads(line.removeprefix("data: "))


def audio_of(read: Iterable[dict[str, Any]]) -> bytes:
    """The audio in the delta events."""
    return b"".join(base64.b64decode(event["audio"]) for event in read if event["type"] == "speech.audio.delta")
