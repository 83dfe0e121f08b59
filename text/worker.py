"""The process of a text worker: receives texts, sends back sentences with prompts.

    python -m text.worker DESCRIPTOR

The descriptor is a socket to the server process, where `text.worker_pool` has the other end. The first message is the
server's lexicon, each later one a `TextJob`. The worker exits when the other end is closed. Its process name is
`soprano-text`.
"""

import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

from text.errors import InvalidTokenizer, TextError
from text.lexicon import Lexicon
from text.options import AS_SPOKEN, ReadingOptions
from text.preparation import PreparedSentence, prepare
from text.tokenizer import Tokenizer

_NICENESS = 10  # on a shared core it gets about a tenth of the engine's time


@dataclass(frozen=True)
class TextJob:
    """A text to prepare, the tokenizer to use, and how the text is to be read."""

    text: str
    tokenizer: Path
    vocab_size: int
    max_characters: int
    options: ReadingOptions = AS_SPOKEN


PreparationResult = list[PreparedSentence] | TextError


@cache
def _tokenizer(path: Path, vocab_size: int) -> Tokenizer:
    return Tokenizer.from_file(path, vocab_size)


def work(job: TextJob, lexicon: Lexicon = ()) -> PreparationResult:
    """Return the sentences, or the error to report to the caller; `lexicon` is the server's."""
    options = replace(job.options, lexicon=job.options.lexicon + lexicon)
    try:
        return prepare(job.text, _tokenizer(job.tokenizer, job.vocab_size), job.max_characters, options)
    except InvalidTokenizer as error:
        return InvalidTokenizer(f"the checkpoint cannot be read any more: {job.tokenizer}: {error}")
    except TextError as error:
        return error


def main() -> None:
    """Process jobs one after the other until the other end hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is handled by the server, which closes the connection
    Path("/proc/self/comm").write_text("soprano-text")
    # On a CPU, all threads of an engine step wait for the slowest: a worker must not take a core from any of them.
    os.nice(_NICENESS)
    with Connection(int(sys.argv[1])) as connection, suppress(EOFError, ConnectionError):
        lexicon = connection.recv()
        while True:
            connection.send(work(connection.recv(), lexicon))


if __name__ == "__main__":
    main()
