"""`soprano check`."""

from typing import Annotated

import typer

from launch.errors import SpeechFailed
from launch.one_word import OneWord


def check(
    url: Annotated[
        str, typer.Option(envvar="SOPRANO_CHECK_URL", help="Triton's HTTP address.")
    ] = "http://127.0.0.1:8000",
    deadline: Annotated[
        float, typer.Option(envvar="SOPRANO_WATCHDOG_DEADLINE", min=0.1, help="Seconds that the word may take.")
    ] = 75.0,
) -> None:
    """Have Triton speak one word: the health check of containers. Exit status 1 says that it does not."""
    if problem := OneWord(url, deadline).speak():
        raise SpeechFailed(f"Triton at {url} does not speak: {problem}")
