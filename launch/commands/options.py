"""Options that several commands share; each can also be set by an environment variable."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

TRITON_PANEL = "Triton"

Checkpoint = Annotated[
    str,
    typer.Option(
        envvar="SOPRANO_CHECKPOINT",
        help="A directory, a hub id (optionally with @REVISION), builtin (the built-in voice), synthetic (noise), or "
        "auto: the published weights, or else the built-in voice.",
    ),
]
Dtype = Annotated[str | None, typer.Option(envvar="SOPRANO_DTYPE", help="auto, float32 or bfloat16.")]
Slots = Annotated[int | None, typer.Option(envvar="SOPRANO_SLOTS", min=1, help="Sentences spoken at once.")]
TritonAddress = Annotated[
    str,
    typer.Option(
        envvar="SOPRANO_TRITON_ADDRESS",
        rich_help_panel=TRITON_PANEL,
        help="Address Triton listens on; 0.0.0.0: all. Triton checks no API keys.",
    ),
]
TritonHttpPort = Annotated[
    int,
    typer.Option(
        envvar="SOPRANO_TRITON_HTTP_PORT", rich_help_panel=TRITON_PANEL, help="Port of its HTTP API; 0: any free one."
    ),
]
TritonGrpcPort = Annotated[
    int,
    typer.Option(
        envvar="SOPRANO_TRITON_GRPC_PORT", rich_help_panel=TRITON_PANEL, help="Port of its gRPC API; 0: any free one."
    ),
]
TritonMetricsPort = Annotated[
    int,
    typer.Option(
        envvar="SOPRANO_TRITON_METRICS_PORT", rich_help_panel=TRITON_PANEL, help="Port of its metrics; 0: any free one."
    ),
]
ModelRepository = Annotated[
    Path, typer.Option(envvar="SOPRANO_MODEL_REPOSITORY", rich_help_panel=TRITON_PANEL, help="Triton's models.")
]


def given(**variables: object) -> Mapping[str, str]:
    """Return the environment variables for the options that were given."""
    return {name: str(value) for name, value in variables.items() if value is not None}
