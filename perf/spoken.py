"""The audio in an answer of the speech API."""

import json
from base64 import b64decode
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from perf.http_exchange import Ending, Exchange
from perf.load.heard import Ear
from proxy.audio.formats import FormatName
from proxy.audio.wav import HEADER_BYTES

_EVENT = b"data: "


class Delivery(StrEnum):
    """How a clip comes."""

    STREAM = "stream"
    WHOLE = "whole"
    EVENTS = "sse"
    JSON = "json"  # whole, with timestamps


def is_whole(exchange: Exchange, delivery: Delivery) -> bool:
    """Whether the answer says of itself that it is a clip to its end."""
    complete = exchange.status == 200 and exchange.ending is Ending.COMPLETE
    return complete and (delivery is not Delivery.EVENTS or exchange.event_stream_ended)


def audio(body: bytes, delivery: Delivery) -> bytes:
    """Return the encoded audio. Raises `ValueError` if the body is not what it is to be."""
    match delivery:
        case Delivery.EVENTS:
            events = [json.loads(line.removeprefix(_EVENT)) for line in body.split(b"\n\n") if line]
            return b"".join(b64decode(event["audio"]) for event in events if event["type"] == "speech.audio.delta")
        case Delivery.JSON:
            return b64decode(json.loads(body)["audio"])
        case _:
            return bytes(body)


def samples(encoded: bytes, audio_format: FormatName) -> NDArray[np.int16]:
    """Return the samples of a wav or pcm body, shape [n]. Raises `ValueError` for half a sample."""
    if audio_format not in ("wav", "pcm"):
        raise ValueError(f"{audio_format} cannot be compared sample for sample")
    return np.frombuffer(encoded, np.dtype("<i2"), offset=HEADER_BYTES if audio_format == "wav" else 0)


def seconds(encoded: bytes, audio_format: FormatName) -> float:
    """Return how long a clip plays. Raises `Unplayable`."""
    ear = Ear(audio_format, sent=0.0)
    ear.hear(0.0, encoded)
    return ear.finish().audio
