"""What an operator can set, by environment variables that start with SOPRANO_."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, FilePath, PositiveFloat, PositiveInt, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from proxy.logs import LogFormat

DEFAULT_TRITON_URLS = {"grpc": "127.0.0.1:8001", "http": "127.0.0.1:8000"}


class Settings(BaseSettings):
    """The proxy's settings; each one is the environment variable SOPRANO_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="SOPRANO_", env_ignore_empty=True, frozen=True)

    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 for all."""

    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Port to listen on; 0 lets the system choose."""

    log_level: Literal["critical", "error", "warning", "info", "debug"] = "info"
    """How much to log, to standard error."""

    log_format: LogFormat = "text"
    """`json` for one object a line."""

    transport: Literal["grpc", "http"] = "grpc"
    """How to reach Triton: `grpc` streams and cancels; `http` waits for whole clips, where only that port is open."""

    triton_url: str = ""
    """Triton's host:port, without a scheme (for `python -m proxy`); by default the local one at the transport's usual
    port. Over gRPC, all addresses of the host share the work, or several IP:port, separated by commas."""

    model_aliases: Annotated[frozenset[str], NoDecode] = frozenset()
    """More model names to accept, separated by commas."""

    api_keys: Annotated[frozenset[str], NoDecode, Field(repr=False)] = frozenset()
    """Keys of which a request must have one, separated by commas; unset or empty lets everybody in."""

    api_keys_file: FilePath | None = None
    """A file with more of them, one a line; lines that start with # do not count."""

    public_listings: bool = True
    """Whether models and voices can be listed without a key, as some clients do."""

    cors_origins: Annotated[frozenset[str], NoDecode] = frozenset()
    """Origins of web pages that may call from a browser, separated by commas; * for all."""

    opus_content_type: Literal["audio/ogg", "audio/opus"] = "audio/ogg"
    """What to call Ogg Opus; `audio/opus` for clients that know only that."""

    max_in_flight: PositiveInt = 1000
    """Clips that the proxy has made at once; more are refused (429)."""

    key_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Share of these clips that one key may have at once, where there are several keys; more are refused (429)."""

    max_input_characters: PositiveInt = 4096
    """Longest `input`, in Unicode code points."""

    max_body_bytes: PositiveInt = 1024 * 1024
    """Longest request body, chunked or not (413)."""

    request_deadline: PositiveFloat = 30.0
    """Seconds that a request may take to arrive: its head, and then its body (408)."""

    first_audio_deadline: PositiveFloat = 60.0
    """Seconds that a request may wait for its first audio before it is answered with 504."""

    stall_deadline: PositiveFloat = 30.0
    """Seconds that a running stream may wait for its next audio before it is cut."""

    clip_deadline: PositiveFloat = 900.0
    """Seconds that a whole clip may take, from its request to its last byte; in proportion more if `speed` is below 1.
    It is answered with 504 if nothing of it was sent, or else cut."""

    reader_deadline: PositiveFloat = 60.0
    """Seconds that a client may leave its audio unread before it is cut off. The proxy keeps what is unread, out of
    SOPRANO_BUFFER_BYTES."""

    reader_pace: PositiveFloat = 2000.0
    """Bytes a second that a client must take while audio waits for it; one that is slower uses up its
    SOPRANO_READER_DEADLINE. The leanest format, Opus, plays 4,000 to 8,000 a second."""

    buffer_bytes: PositiveInt = 512 * 1024 * 1024
    """Bytes of audio that may wait in the proxy, of all clips together. What exceeds them cuts the clip of
    which most waits (429 if none of it was sent); with an eighth of them left, new clips are refused (429)."""

    drain_deadline: PositiveInt = 30
    """Seconds that running requests get to finish after SIGTERM; under `soprano serve`, 2."""

    @property
    def accepted_keys(self) -> frozenset[str]:
        """The keys of the environment and of the file."""
        return self.api_keys | (_keys_in(self.api_keys_file) if self.api_keys_file else frozenset())

    @property
    def is_open_to_strangers(self) -> bool:
        """Whether other machines can connect, and need no key."""
        return not _is_loopback(self.host) and not self.accepted_keys

    @property
    def max_in_flight_per_key(self) -> int:
        """How many of the clips may be made for one key at once."""
        return max(1, int(self.max_in_flight * self.key_share)) if len(self.accepted_keys) > 1 else self.max_in_flight

    @field_validator("model_aliases", "api_keys", "cors_origins", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return [name.strip() for name in value.split(",") if name.strip()]
        return value

    @field_validator("api_keys", mode="before")
    @classmethod
    def _is_not_only_commas(cls, value: object) -> object:
        # Runs ahead of the one above. What was meant to hold a key and holds none must not let everybody in.
        if isinstance(value, str) and not value.replace(",", " ").strip():
            raise ValueError("holds no key: put one in, or unset this to let everybody in")
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
    """4 or 6. Raises `ValueError` for a name: gRPC looks up no more than one."""
    host = address.rpartition(":")[0].removeprefix("[").removesuffix("]")
    try:
        return ip_address(host).version
    except ValueError as error:
        raise ValueError(
            f"must name several Tritons as IP:port, not {address!r}; a single name may have several addresses, though"
        ) from error


def _keys_in(path: Path) -> frozenset[str]:
    """The keys of a file. Raises `ValueError` if there are none: a file without a key must not let everybody in."""
    try:
        # Without a byte-order mark, which would make a key of a comment on the first line.
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    lines = (line.strip() for line in text.splitlines())
    keys = frozenset(line for line in lines if line and not line.startswith("#"))
    if not keys:
        raise ValueError(f"{path} holds no key: put one on each line, or unset this to let everybody in")
    return keys


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
