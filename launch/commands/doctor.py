"""`soprano doctor`."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.checkpoint.files import AUTO
from launch.doctor import Finding, Plan, State, examine

_COLORS = {State.GOOD: "green", State.WARNING: "yellow", State.MISSING: "red"}


def doctor(
    checkpoint: Annotated[str, typer.Option(envvar="SOPRANO_CHECKPOINT", help="As for `soprano serve`.")] = AUTO,
    port: Annotated[int, typer.Option(envvar="SOPRANO_PORT")] = 8080,
    triton_http_port: Annotated[int, typer.Option(envvar="SOPRANO_TRITON_HTTP_PORT")] = 8000,
    triton_grpc_port: Annotated[int, typer.Option(envvar="SOPRANO_TRITON_GRPC_PORT")] = 8001,
    triton_metrics_port: Annotated[int, typer.Option(envvar="SOPRANO_TRITON_METRICS_PORT")] = 8002,
) -> None:
    """Check this machine, and print what `soprano serve` still needs and how to get it.

    The exit status is 1 if `soprano serve` cannot work.
    """
    ports = {
        "--port": port,
        "--triton-http-port": triton_http_port,
        "--triton-grpc-port": triton_grpc_port,
        "--triton-metrics-port": triton_metrics_port,
    }
    findings = list(examine(Plan(checkpoint=checkpoint, ports=ports)))
    Console().print(_table(findings))
    if any(finding.state is State.MISSING for finding in findings):
        raise typer.Exit(1)


def _table(findings: list[Finding]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "needed", "found", "what to do"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        state = Text(finding.state.value, style=_COLORS[finding.state])
        table.add_row(state, finding.subject, Text(finding.detail), Text(finding.remedy))
    return table
