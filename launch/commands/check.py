"""`soprano check`."""

from typing import Annotated

import typer

from launch.errors import SpeechFailed
from launch.triton.probe import Health, Probe


def check(
    url: Annotated[
        str, typer.Option(envvar="SOPRANO_CHECK_URL", help="Triton's HTTP address.")
    ] = "http://127.0.0.1:8000",
    metrics_url: Annotated[
        str, typer.Option(envvar="SOPRANO_CHECK_METRICS_URL", help="URL of its metrics.")
    ] = "http://127.0.0.1:8002/metrics",
    deadline: Annotated[
        float, typer.Option(envvar="SOPRANO_WATCHDOG_DEADLINE", min=0.1, help="Seconds that the word may take.")
    ] = 75.0,
) -> None:
    """Make Triton speak one word: the health check of containers. Exit status 1 if it does not.

    A Triton that refuses the word because it is overloaded is healthy as long as it makes audio for other requests.
    """
    finding = Probe(url, metrics_url, deadline).run()
    if finding.health is not Health.ALIVE:
        raise SpeechFailed(f"Triton at {url} does not speak: {finding.problem}")
