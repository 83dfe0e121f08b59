"""The proxy's settings, from environment variables that start with SOPRANO_."""

import math
import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    Field,
    FilePath,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ipc.cores import usable_cores
from proxy.logs import LogFormat
from text.errors import InvalidLexicon
from text.lexicon_file import read_lexicon
from text.options import ReadingOptions

_CLIPS_OF_A_WORKER = 125
"""Clips at once for which one more worker is started. A core encodes about as many streams of MP3, the most expensive
format (`make bench-proxy-streams`)."""

DEFAULT_TRITON_URLS = {"grpc": "127.0.0.1:8001", "http": "127.0.0.1:8000"}


class Settings(BaseSettings):
    """The proxy's settings; each one is the environment variable SOPRANO_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="SOPRANO_", env_ignore_empty=True, frozen=True)

    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 for all."""

    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Port to listen on; 0 for any free port."""

    proxy_workers: NonNegativeInt = 0
    """Processes that share the proxy's work. 0 for as many as the cores that the proxy or its container may use, but
    at most one for each 125 of `SOPRANO_MAX_IN_FLIGHT`; under `soprano serve`, 1 if the engine computes on the CPU."""

    root_path: Annotated[str, Field(pattern=r"^(/[\w.~-]+)*$")] = ""
    """Path prefix under which a reverse proxy publishes the server, such as /speech. Every route answers with and
    without it, whether or not the reverse proxy strips it."""

    log_level: Literal["critical", "error", "warning", "info", "debug"] = "info"
    """Least severe level that is logged, to standard error."""

    log_format: LogFormat = "text"
    """`json` for one JSON object per line."""

    transport: Literal["grpc", "http"] = "grpc"
    """Protocol between proxy and Triton: `grpc` streams and cancels; `http` sends whole clips and needs only the HTTP
    port."""

    triton_url: str = ""
    """Triton's host:port without a scheme (for `python -m proxy`); by default this machine, at the transport's usual
    port. Over gRPC, requests are balanced over all addresses of the host, or over several IP:port separated by
    commas."""

    model_aliases: Annotated[frozenset[str], NoDecode] = frozenset()
    """More model names to accept, separated by commas."""

    voice_aliases: Annotated[frozenset[str], NoDecode] = frozenset()
    """More voice names to accept, separated by commas, such as those of another server; * for any name."""

    api_keys: Annotated[frozenset[str], NoDecode, Field(repr=False)] = frozenset()
    """Accepted API keys, separated by commas; if unset or empty, no key is needed."""

    api_keys_file: FilePath | None = None
    """A file with more keys, one per line; lines that start with # are comments."""

    wyoming_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Port on SOPRANO_HOST for Wyoming, the protocol of Home Assistant; none by default. It knows no keys: with keys,
    the host must be this machine's own address."""

    public_listings: bool = True
    """Whether models and voices can be listed without a key; some clients send none there."""

    cors_origins: Annotated[frozenset[str], NoDecode] = frozenset()
    """Origins of web pages that may call the API from a browser, separated by commas; * for all."""

    opus_content_type: Literal["audio/ogg", "audio/opus"] = "audio/ogg"
    """Media type of Opus in Ogg; `audio/opus` for clients that know only that one."""

    max_in_flight: PositiveInt = 1000
    """Clips in progress at once; more are refused (429)."""

    key_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Share of `SOPRANO_MAX_IN_FLIGHT` that one key may use if there are several keys; more is refused (429)."""

    max_input_characters: PositiveInt = 4096
    """Longest `input`, in Unicode code points."""

    max_body_bytes: PositiveInt = 1024 * 1024
    """Longest request body, chunked or not (413)."""

    request_deadline: PositiveFloat = 30.0
    """Seconds that the head of a request may take to arrive, and then its body (408)."""

    first_audio_deadline: PositiveFloat = 60.0
    """Seconds that a request may wait for its first audio before it is answered with 504."""

    stall_deadline: PositiveFloat = 30.0
    """Seconds that a running stream may wait for its next audio before it is cut."""

    clip_deadline: PositiveFloat = 900.0
    """Seconds that a clip may take from its request to its last byte; proportionally more if `speed` is below 1. A
    clip that takes longer is answered with 504, or cut if some of it was sent."""

    reader_deadline: PositiveFloat = 60.0
    """Seconds that a client may leave audio unread before its connection is closed. Unread audio counts against
    SOPRANO_BUFFER_BYTES."""

    reader_pace: PositiveFloat = 2000.0
    """Bytes per second that a client must read while audio waits; a slower one uses up its SOPRANO_READER_DEADLINE.
    The smallest format, Opus, plays 4,000 to 8,000 per second."""

    buffer_bytes: PositiveInt = 512 * 1024 * 1024
    """Bytes of unsent audio that the proxy may hold for all clips together. Beyond that, the clip with the most unsent
    audio is cut (429 if none of it was sent); new clips are refused (429) when less than an eighth is free. Several
    workers have equal parts of it."""

    live_idle_deadline: PositiveFloat = 300.0
    """Seconds that a live session may stay open without a message and without speech."""

    live_deadline: PositiveFloat = 3600.0
    """Seconds that a live session may last."""

    text: Literal["spoken", "plain"] = "spoken"
    """How live sessions read a text, as Triton reads any other: `SOPRANO_TEXT` should be the same for both."""

    lexicon: FilePath | None = None
    """A TOML file of words and what is read in their place in live sessions; the same as Triton's."""

    drain_deadline: PositiveInt = 30
    """Seconds that open requests have to finish after SIGTERM; 2 under `soprano serve`."""

    @property
    def workers(self) -> int:
        """The number of processes that share the work."""
        return self.proxy_workers or min(usable_cores(), math.ceil(self.max_in_flight / _CLIPS_OF_A_WORKER))

    @property
    def reading(self) -> ReadingOptions:
        """How live sessions read a text."""
        return ReadingOptions(self.text == "plain", read_lexicon(self.lexicon) if self.lexicon else ())

    @property
    def accepted_keys(self) -> frozenset[str]:
        """The keys from the environment and from the file."""
        return self.api_keys | (_keys_in(self.api_keys_file) if self.api_keys_file else frozenset())

    @property
    def is_open_to_strangers(self) -> bool:
        """Whether other machines can connect without a key."""
        return not _is_loopback(self.host) and not self.accepted_keys

    @property
    def max_in_flight_per_key(self) -> int:
        """How many clips one key may have in progress at once."""
        return max(1, int(self.max_in_flight * self.key_share)) if len(self.accepted_keys) > 1 else self.max_in_flight

    @field_validator("lexicon")
    @classmethod
    def _check_lexicon(cls, path: Path | None) -> Path | None:
        try:
            if path:
                read_lexicon(path)
        except InvalidLexicon as error:
            raise ValueError(str(error)) from error
        return path

    @field_validator("root_path", mode="before")
    @classmethod
    def _without_trailing_slash(cls, value: object) -> object:
        return value.rstrip("/") if isinstance(value, str) else value

    @field_validator("model_aliases", "voice_aliases", "api_keys", "cors_origins", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return [name.strip() for name in value.split(",") if name.strip()]
        return value

    @field_validator("api_keys", mode="before")
    @classmethod
    def _is_not_only_commas(cls, value: object) -> object:
        # Runs before the validator above. A value that was meant to contain a key must not disable authentication.
        if isinstance(value, str) and not value.replace(",", " ").strip():
            raise ValueError("holds no key: put one in, or unset this to accept requests without a key")
        return value

    @field_validator("triton_url")
    @classmethod
    def _is_host_and_port(cls, value: str, info: ValidationInfo) -> str:
        addresses = value.split(",") if value else []
        for address in addresses:
            if not re.fullmatch(r"[^/\s,]+:\d+", address):
                raise ValueError(f"must be host:port without a scheme, such as 127.0.0.1:8001, not {address!r}")
        if len(addresses) > 1:
            _require_balanceable(addresses, info.data.get("transport"))
        return value

    @field_validator("api_keys_file")
    @classmethod
    def _holds_keys(cls, value: Path | None) -> Path | None:
        if value is not None:
            _keys_in(value)
        return value

    @field_validator("wyoming_port")
    @classmethod
    def _lets_nobody_in_without_a_key(cls, value: int | None, info: ValidationInfo) -> int | None:
        has_keys = info.data.get("api_keys") or info.data.get("api_keys_file")
        if value is not None and has_keys and not _is_loopback(info.data.get("host", "")):
            raise ValueError(
                "would let others speak without a key, since Wyoming knows none: set SOPRANO_HOST=127.0.0.1, or give "
                "Wyoming a proxy of its own, without keys, in a network that you trust"
            )
        return value

    @model_validator(mode="before")
    @classmethod
    def _default_url_of_transport(cls, values: dict[str, object]) -> dict[str, object]:
        if values.get("triton_url"):
            return values
        return {**values, "triton_url": DEFAULT_TRITON_URLS.get(str(values.get("transport", "grpc")), "")}


def _require_balanceable(addresses: list[str], transport: object) -> None:
    if transport == "http":
        raise ValueError("may name several Tritons only with SOPRANO_TRANSPORT=grpc")
    if len({_ip_version(address) for address in addresses}) > 1:
        raise ValueError("must name several Tritons by addresses of one IP version")


def _ip_version(address: str) -> int:
    """4 or 6. Raises `ValueError` for a host name, because gRPC resolves only a single name."""
    host = address.rpartition(":")[0].removeprefix("[").removesuffix("]")
    try:
        return ip_address(host).version
    except ValueError as error:
        raise ValueError(
            f"must name several Tritons as IP:port, not {address!r}; only a single one may be a name, which may have "
            "several addresses"
        ) from error


def _keys_in(path: Path) -> frozenset[str]:
    """The keys in a file. Raises `ValueError` if there are none: an empty file must not disable authentication."""
    try:
        # utf-8-sig drops a byte-order mark, which would turn a comment on the first line into a key.
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    lines = (line.strip() for line in text.splitlines())
    keys = frozenset(line for line in lines if line and not line.startswith("#"))
    if not keys:
        raise ValueError(f"{path} holds no key: put one on each line, or unset this to accept requests without a key")
    return keys


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
