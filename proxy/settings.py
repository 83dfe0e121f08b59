"""What an operator can set, by environment variables that start with SOPRANO_."""

import re
from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

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

    transport: Literal["grpc", "http"] = "grpc"
    """How to reach Triton: `grpc` streams and cancels; `http` waits for whole clips, where only that port is open."""

    triton_url: str = ""
    """Triton's host:port, without a scheme; by default the local one at the transport's usual port."""

    model_aliases: Annotated[frozenset[str], NoDecode] = frozenset()
    """More model names to accept, separated by commas."""

    max_input_characters: PositiveInt = 4096
    """Longest `input`, in Unicode code points."""

    max_body_bytes: PositiveInt = 1024 * 1024
    """Longest request body."""

    first_audio_deadline: PositiveFloat = 60.0
    """Seconds that a request may wait for its first audio before it is answered with 504."""

    stall_deadline: PositiveFloat = 30.0
    """Seconds that a running stream may wait for its next audio before it is cut."""

    drain_deadline: PositiveInt = 30
    """Seconds that running requests get to finish after SIGTERM."""

    @field_validator("model_aliases", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return [name.strip() for name in value.split(",") if name.strip()]
        return value

    @field_validator("triton_url")
    @classmethod
    def _is_host_and_port(cls, value: str) -> str:
        if value and not re.fullmatch(r"[^/\s]+:\d+", value):
            raise ValueError(f"must be host:port without a scheme, such as 127.0.0.1:8001, not {value!r}")
        return value

    @model_validator(mode="before")
    @classmethod
    def _default_url_of_transport(cls, values: dict[str, object]) -> dict[str, object]:
        if values.get("triton_url"):
            return values
        return {**values, "triton_url": DEFAULT_TRITON_URLS.get(str(values.get("transport", "grpc")), "")}
