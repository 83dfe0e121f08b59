"""The requests of a soak test, of every kind that clients send, and the check of the responses."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import get_args

import numpy as np

from perf.load_generators.hostile_text import hostile_text
from perf.load_generators.http_exchange import (
    Client,
    Delivery,
    Ending,
    Exchange,
    References,
    audio,
    is_whole,
    samples,
    seconds,
    speech,
)
from perf.playback import Unplayable
from perf.workload import Mix
from proxy.audio.formats import FormatName

_LONGEST = 160  # characters of an ordinary text
_ORDINARY_TEXTS = 12
_LONGEST_INPUT = 4096
_MAX_DIFFERENCE: Mapping[FormatName, int] = {"wav": 1, "pcm": 2}
"""The largest allowed difference of two samples, in units of the last bit. Samples of wav are the engine's own, which
may be rounded up or down. Each sample of pcm is a weighted sum of many of these, which is rounded once more."""
COMPARED: tuple[FormatName, ...] = tuple(_MAX_DIFFERENCE)
_PATIENCE = 300.0
_TRIES = 30  # of a client that tries again if the server is full, as the openai clients do
_HOSTILE_PATIENCE = 5.0  # seconds until a client in the first part leaves a hostile text
_HOSTILE_LISTENS = 15.0  # seconds, enough for several sentences of maximal length; a whole text may last for hours

FULL = 429
_SPOKEN = frozenset({200, FULL})
_SPOKEN_OR_REFUSED = frozenset({200, 400, FULL})


class Kind(StrEnum):
    """The kinds of clients."""

    ORDINARY = "ordinary"
    LEAVES = "leaves"
    SLOW = "slow"
    WRONG = "wrong"  # a body that is refused
    HOSTILE = "hostile"  # a text that tries to break the front end


@dataclass(frozen=True)
class Request:
    """A request, its client, and the allowed statuses of the response."""

    kind: Kind
    content: bytes
    client: Client
    allowed: frozenset[int]
    audio_format: FormatName = "wav"
    delivery: Delivery = Delivery.STREAM
    reference: str = ""
    """The text that was also spoken alone, if the samples are to be compared; otherwise empty."""
    content_type: str = "application/json"
    tries: int = 1
    """The maximal number of attempts. If the server is full, the client waits as long as the server asks."""


def ordinary_texts() -> tuple[str, ...]:
    """Return the texts that are spoken repeatedly."""
    return tuple(sorted(set(Mix.read().deck(longest=_LONGEST)), key=len)[:: 48 // _ORDINARY_TEXTS])


def soak_request(number: int, seed: int, texts: Sequence[str]) -> Request:
    """Return the request with this number, which `seed` determines; a third of the clients leave before the end."""
    random = Random(f"{seed} {number}")  # noqa: S311 - requests, not secrets
    weights = {Kind.ORDINARY: 36, Kind.LEAVES: 33, Kind.SLOW: 8, Kind.WRONG: 16, Kind.HOSTILE: 7}
    (kind,) = random.choices(list(weights), list(weights.values()))
    match kind:
        case Kind.WRONG:
            return _wrong(random)
        case Kind.HOSTILE:
            client = Client(leaves_after=_HOSTILE_PATIENCE, keeps_body=False)
            return _hostile(random, random.choice([_nines(), _he_said_hi(), hostile_text(random, 400)]), client)
        case Kind.LEAVES:
            return _ordinary(random, texts, kind, Client(leaves_after=random.uniform(0.0, 1.5), keeps_body=False))
        case Kind.SLOW:
            pace = random.uniform(30_000, 100_000)  # in a second, up to two seconds of wav or more than ten of mp3
            return _ordinary(random, texts, kind, Client(bytes_per_second=pace, patience=_PATIENCE))
        case _:
            return _ordinary(random, texts, kind, Client(patience=_PATIENCE))


def hostile_request(number: int, seed: int, texts: Sequence[str]) -> Request:
    """Return a hostile text whose client leaves after a while; every fifth request is an ordinary one."""
    random = Random(f"hostile {seed} {number}")  # noqa: S311 - requests, not secrets
    if number % 5 == 4:
        return _ordinary(random, texts, Kind.ORDINARY, Client(patience=_PATIENCE), COMPARED)
    client = Client(leaves_after=_HOSTILE_LISTENS, keeps_body=False)
    return _hostile(random, hostile_text(random, _LONGEST_INPUT), client)


def slow_request(number: int, stays: float) -> Request:
    """Return a request for four minutes of audio whose client reads a sixteenth of a second of audio per second."""
    text = " ".join(
        f"Sentence number {each} of clip {number} is read aloud, slowly and to its end." for each in range(60)
    )
    delivery = Delivery.WHOLE if number % 4 == 3 else Delivery.STREAM
    client = Client(leaves_after=stays, bytes_per_second=4000.0, keeps_body=False)
    return Request(Kind.SLOW, speech(text[:_LONGEST_INPUT], "wav", delivery), client, _SPOKEN, "wav", delivery)


@dataclass(frozen=True)
class Finding:
    """The result of checking a response: the error, if any, and the difference from the same clip alone."""

    problem: str = ""
    difference: int | None = None
    """The largest difference of two samples, in units of the last of 16 bits; None if nothing was compared."""


def check_response(request: Request, result: Exchange, references: References) -> Finding:
    """Check whether a response is one of the expected ones."""
    if result.status is not None and result.status not in request.allowed:
        return Finding(f"status {result.status}: {bytes(result.body[:300]).decode(errors='replace')}")
    if result.ending is Ending.LEFT:
        return Finding()
    if result.ending is not Ending.COMPLETE:
        return Finding(f"{result.ending}: {result.problem or 'it took too long'}")
    if result.status != 200:
        return Finding()
    if not is_whole(result, request.delivery):
        return Finding("an event stream that ends without its last event")
    return _examine_audio(request, result, references) if request.client.keeps_body else Finding()


def _examine_audio(request: Request, result: Exchange, references: References) -> Finding:
    try:
        encoded = audio(bytes(result.body), request.delivery)
        reference = references.get((request.reference, request.audio_format))
        if reference is None:
            return Finding("" if seconds(encoded, request.audio_format) > 0 else "a clip without audio")
        return _compare(encoded, reference, request.audio_format)
    except (ValueError, KeyError, Unplayable) as error:
        return Finding(f"audio that cannot be played: {error}")


def _compare(encoded: bytes, reference: bytes, audio_format: FormatName) -> Finding:
    """Compare a clip with the same clip spoken alone."""
    ours, alone = (samples(each, audio_format).astype(np.int32) for each in (encoded, reference))
    if len(ours) != len(alone):
        return Finding(f"{len(ours)} samples, but {len(alone)} when spoken alone")
    difference = int(np.abs(ours - alone).max(initial=0))
    is_alike = difference <= _MAX_DIFFERENCE[audio_format]
    return Finding("" if is_alike else f"differs by {difference} of 32768 from the same clip alone", difference)


def _ordinary(
    random: Random,
    texts: Sequence[str],
    kind: Kind,
    client: Client,
    formats: Sequence[FormatName] = get_args(FormatName),
) -> Request:
    text, audio_format = random.choice(texts), random.choice(formats)
    delivery = random.choices(list(Delivery), [5, 3, 3, 1])[0]
    reference = text if audio_format in COMPARED else ""
    content = speech(text, audio_format, delivery)
    return Request(kind, content, client, _SPOKEN, audio_format, delivery, reference, tries=_TRIES)


def _hostile(random: Random, text: str, client: Client) -> Request:
    audio_format: FormatName = random.choice(get_args(FormatName))
    delivery = random.choice([Delivery.STREAM, Delivery.WHOLE, Delivery.EVENTS])
    content = speech(text, audio_format, delivery)
    return Request(Kind.HOSTILE, content, client, _SPOKEN_OR_REFUSED, audio_format, delivery, tries=_TRIES)


def _nines() -> str:
    return "9" * 4000


def _he_said_hi() -> str:
    return "He said hi. " * 300


def _wrong(random: Random) -> Request:
    """Return a request whose body is invalid."""
    ordinary = {"model": "soprano", "input": "Hello."}
    if random.random() < 0.05:  # an error that only the engine finds, which may be full
        content = json.dumps(ordinary | {"input": "⠓⠑⠇⠇⠕"}).encode()
        return Request(Kind.WRONG, content, Client(), frozenset({400, FULL}), tries=_TRIES)
    fields: list[tuple[dict[str, object], int]] = [
        ({"input": ""}, 400),
        ({"input": 5}, 400),
        ({"input": "x" * (_LONGEST_INPUT + 1)}, 400),
        ({"model": "whisper-1"}, 404),
        ({"voice": "nobody"}, 400),
        ({"response_format": "midi"}, 400),
        ({"stream_format": "smoke"}, 400),
        ({"speed": 0}, 400),
        ({"speed": "NaN"}, 400),
        ({"sample_rate": 1}, 400),
        ({"temperature": -1}, 400),
        ({"top_k": 1 << 40}, 400),
        ({"seed": 1 << 80}, 400),
    ]
    bodies = [
        (b"", 400, "application/json"),
        (b"{", 400, "application/json"),
        (b"[" * 100_000, 400, "application/json"),
        (b"\xff\xfe\x00", 400, "application/json"),
        (b"null", 400, "application/json"),
        (b"input=Hello.", 415, "application/x-www-form-urlencoded"),
        (b'{"input": "' + b"x" * (1 << 21) + b'"}', 413, "application/json"),
        *((json.dumps(ordinary | wrong).encode(), status, "application/json") for wrong, status in fields),
    ]
    content, status, content_type = random.choice(bodies)
    return Request(Kind.WRONG, content, Client(), frozenset({status}), content_type=content_type)
