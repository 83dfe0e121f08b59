"""A text worker's own process: texts come in, sentences with their prompts go out.

    python -m text.worker DESCRIPTOR

The descriptor is a socket to the server's process, whose end of it is `text.worker_pool`. The process ends when that
end is closed. It is called `soprano-text`.
"""

import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

from text.errors import InvalidTokenizer, TextError
from text.preparation import PreparedSentence, prepare
from text.tokenizer import Tokenizer

_NICENESS = 10  # one core's fair share is then a tenth of what the engine gets


@dataclass(frozen=True)
class TextJob:
    """A text to prepare for the checkpoint with this tokenizer."""

    text: str
    tokenizer: Path
    vocab_size: int
    max_characters: int


Answer = list[PreparedSentence] | TextError


@cache
def _tokenizer(path: Path, vocab_size: int) -> Tokenizer:
    return Tokenizer.from_file(path, vocab_size)


def work(job: TextJob) -> Answer:
    """Return the sentences, or the error that the caller has to be told."""
    try:
        return prepare(job.text, _tokenizer(job.tokenizer, job.vocab_size), job.max_characters)
    except InvalidTokenizer as error:
        return InvalidTokenizer(f"the checkpoint cannot be read any more: {job.tokenizer}: {error}")
    except TextError as error:
        return error


def main() -> None:
    """Answer jobs, one after the other, until the other end hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which closes the connection
    Path("/proc/self/comm").write_text("soprano-text")
    # The threads of a step on a CPU wait for each other: one that a text keeps from its core holds all of them up.
    os.nice(_NICENESS)
    with Connection(int(sys.argv[1])) as connection, suppress(EOFError, ConnectionError):
        while True:
            connection.send(work(connection.recv()))


if __name__ == "__main__":
    main()
