"""A program that plays audio while it comes."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

from launch.errors import InvalidSetting, SpeechFailed
from launch.say.output_file import OutputFile

FORMAT = "wav"
"""What every player takes, and what has the least delay."""

_PLAYERS = (
    ("mpv", "--no-terminal", "--no-video", "--cache=no", "-"),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error", "-i", "-"),
    ("aplay", "-q", "-"),
    ("play", "-q", "-t", "wav", "-"),
)


@contextmanager
def open_player() -> Iterator[OutputFile]:
    """Start a player, and wait until it has played everything; if the block fails, it stops at once.

    Raises `InvalidSetting` if there is none on this machine, and `SpeechFailed` if it fails.
    """
    command = next((each for each in _PLAYERS if shutil.which(each[0])), None)
    if command is None:
        names = ", ".join(name for name, *_ in _PLAYERS)
        raise InvalidSetting(f"--play needs one of the players {names}: install one, or set --output to a file")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, bufsize=0) as process:
        try:
            pipe = cast("IO[bytes]", process.stdin)
            yield OutputFile(command[0], pipe, live=True)
            pipe.close()
            status = process.wait()
        except BaseException:
            process.kill()
            raise
    if status != 0:
        raise SpeechFailed(f"the player {command[0]} failed with status {status}: set --output to a file instead")
