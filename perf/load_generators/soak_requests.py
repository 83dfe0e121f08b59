"""The requests of a soak test: of every kind that clients send, and what may come back for each."""

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
_MOST_APART: Mapping[FormatName, int] = {"wav": 1, "pcm": 2}
"""In the last bit. wav has the engine's own samples, which may fall on either side of a rounding; of pcm, each sample
is a sum over many of these, with weights whose sizes add up to more than 1, and is rounded once more."""
COMPARED: tuple[FormatName, ...] = tuple(_MOST_APART)
_PATIENCE = 300.0
_TRIES = 30  # of a client that is refused for want of room and comes again, as the openai clients do
_HOSTILE_PATIENCE = 5.0  # seconds that a client of a soak listens to a hostile text
_HOSTILE_LISTENS = 15.0  # seconds in which several sentences come to their limit; all of a text may last for hours

FULL = 429
_SPOKEN = frozenset({200, FULL})
_SPOKEN_OR_REFUSED = frozenset({200, 400, FULL})


class Kind(StrEnum):
    """What a client does."""

    ORDINARY = "ordinary"
    LEAVES = "leaves"
    SLOW = "slow"
    WRONG = "wrong"  # a body that is refused
    HOSTILE = "hostile"  # a text that is meant to break the front end


@dataclass(frozen=True)
class Request:
    """One request, its client, and which statuses it may be answered with."""

    kind: Kind
    content: bytes
    client: Client
    allowed: frozenset[int]
    audio_format: FormatName = "wav"
    delivery: Delivery = Delivery.STREAM
    reference: str = ""
    """The text that was spoken alone, where the same samples are to come back."""
    content_type: str = "application/json"
    tries: int = 1
    """How often it is sent at most, each time that the server was full after the pause that it asked for."""


def ordinary_texts() -> tuple[str, ...]:
    """Return the texts that are spoken again and again."""
    return tuple(sorted(set(Mix.read().deck(longest=_LONGEST)), key=len)[:: 48 // _ORDINARY_TEXTS])


def soak_request(number: int, seed: int, texts: Sequence[str]) -> Request:
    """Return the request with this number, the same each time for a seed: a third of all leave before the end."""
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
            pace = random.uniform(30_000, 100_000)  # two seconds of wav, or of mp3 more than ten, in one
            return _ordinary(random, texts, kind, Client(bytes_per_second=pace, patience=_PATIENCE))
        case _:
            return _ordinary(random, texts, kind, Client(patience=_PATIENCE))


def hostile_request(number: int, seed: int, texts: Sequence[str]) -> Request:
    """Return a hostile text that is heard for a while, or after every fourth an ordinary one beside it."""
    random = Random(f"hostile {seed} {number}")  # noqa: S311 - requests, not secrets
    if number % 5 == 4:
        return _ordinary(random, texts, Kind.ORDINARY, Client(patience=_PATIENCE), COMPARED)
    client = Client(leaves_after=_HOSTILE_LISTENS, keeps_body=False)
    return _hostile(random, hostile_text(random, _LONGEST_INPUT), client)


def slow_request(number: int, stays: float) -> Request:
    """Return a request for four minutes of audio whose client reads a sixteenth of a second each second."""
    text = " ".join(
        f"Sentence number {each} of clip {number} is read aloud, slowly and to its end." for each in range(60)
    )
    delivery = Delivery.WHOLE if number % 4 == 3 else Delivery.STREAM
    client = Client(leaves_after=stays, bytes_per_second=4000.0, keeps_body=False)
    return Request(Kind.SLOW, speech(text[:_LONGEST_INPUT], "wav", delivery), client, _SPOKEN, "wav", delivery)


@dataclass(frozen=True)
class Finding:
    """What an answer shows: what is wrong with it, if anything, and how far it lies from the same clip alone."""

    problem: str = ""
    apart: int | None = None
    """The largest difference of two samples, in the last of their 16 bits; None if there was nothing to compare."""


def examine_answer(request: Request, result: Exchange, references: References) -> Finding:
    """Say whether an answer is one of those that were to be expected."""
    if result.status is not None and result.status not in request.allowed:
        return Finding(f"status {result.status}: {bytes(result.body[:300]).decode(errors='replace')}")
    if result.ending is Ending.LEFT:
        return Finding()
    if result.ending is not Ending.COMPLETE:
        return Finding(f"{result.ending}: {result.problem or 'it took too long'}")
    if result.status != 200:
        return Finding()
    if not is_whole(result, request.delivery):
        return Finding("an event stream that ends without saying so")
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
    """Compare a clip with the same one spoken alone."""
    ours, alone = (samples(each, audio_format).astype(np.int32) for each in (encoded, reference))
    if len(ours) != len(alone):
        return Finding(f"{len(ours)} samples, and {len(alone)} when spoken alone")
    apart = int(np.abs(ours - alone).max(initial=0))
    is_alike = apart <= _MOST_APART[audio_format]
    return Finding("" if is_alike else f"{apart} of 32768 apart from the same clip alone", apart)


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
    """Return a body that earns an error of its own."""
    ordinary = {"model": "soprano", "input": "Hello."}
    if random.random() < 0.05:  # which the engine has to read to know, and it may be full
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
