"""The other side of a `SeparateProcess`: executes one call after the other.

    python -m measuring.worker_main FD

`FD` is this process's end of a connection; only the owner holds the other end. When the owner closes it or dies, this
process ends, even in the middle of a call.
"""

import contextlib
import os
import pickle
import sys
import threading
import traceback
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from engine.errors import EngineError
from measuring.worker import Call, Failure, Purpose


def main() -> None:
    """Serve the owner until it closes the connection."""
    connection: Connection[Any, Any] = Connection(int(sys.argv[1]))
    calls: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_receive, args=(connection, calls), daemon=True).start()
    server = _CallServer()
    while True:
        answer = server.answer(calls.get())
        # If the owner has ended, the other thread ends this process.
        with contextlib.suppress(ConnectionError):
            connection.send(answer)


def _receive(connection: "Connection[Any, Any]", calls: "SimpleQueue[bytes]") -> None:
    try:
        while True:
            calls.put(connection.recv_bytes())
    except (EOFError, OSError):
        os._exit(0)  # even if the main thread is in the middle of a call


class _CallServer:
    """Holds the object and executes the calls."""

    def __init__(self) -> None:
        self._made: object = None

    def answer(self, message: bytes) -> object:
        """Return what the call in `message` returns, or a `Failure`."""
        try:
            return self._do(pickle.loads(message))  # noqa: S301 - from the process that started this one
        except EngineError as error:
            return Failure(str(error))
        except Exception as error:
            return Failure(f"{type(error).__name__}: {error}", traceback.format_exc())

    def _do(self, call: Call) -> object:
        if call.purpose is Purpose.MAKE:
            self._made = call.function(*call.arguments, **call.keywords)
            return None
        about = (self._made,) if call.purpose is Purpose.USE else ()
        return call.function(*about, *call.arguments, **call.keywords)


if __name__ == "__main__":
    main()
