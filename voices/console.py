"""Progress messages, one line each."""

import time


def say(message: str) -> None:
    """Write a line with the time of day."""
    print(time.strftime("%H:%M:%S"), message, flush=True)
