"""The server's end of an engine process. Loads no PyTorch."""

import queue
import threading
from contextlib import suppress

from engine.messages import Begin, FromEngine, FromServer
from engine.settings import EngineSettings
from ipc.child import Child


class EngineDied(Exception):
    """The process has ended, or hung up."""


class EngineProcess:
    """One process, which loads a checkpoint when it is told to begin.

    `send` may be called from any thread and never blocks: the thread `engine-writer` passes on what has piled up, as
    one message. All else is for one thread, and `kill` and `close` end both.
    """

    def __init__(self, child: Child) -> None:
        self._child = child
        self._outbox: queue.SimpleQueue[FromServer | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="engine-writer", daemon=True)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    def begin(self, settings: EngineSettings) -> None:
        """Have it load the checkpoint that `settings` name. Raises `EngineDied`."""
        try:
            self._child.connection.send(Begin(settings))
        except OSError as error:
            raise EngineDied(self._child.exit_reason()) from error
        self._writer.start()

    def send(self, message: FromServer) -> None:
        """Have a message sent, after all that were sent before."""
        self._outbox.put(message)

    def receive(self, timeout: float) -> FromEngine | None:
        """Return what it says next, or None if it says nothing for `timeout` seconds. Raises `EngineDied`."""
        try:
            if not self._child.connection.poll(timeout):
                return None
            message: FromEngine = self._child.connection.recv()
        except (EOFError, OSError) as error:
            raise EngineDied(self._child.exit_reason()) from error
        return message

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        self._stop_writing()
        self._child.kill()

    def close(self) -> None:
        """Have it end after its step."""
        self._stop_writing()
        self._child.close()

    def _stop_writing(self) -> None:
        self._child.hang_up()
        self._outbox.put(None)
        if self._writer.ident is not None:
            self._writer.join()

    def _write(self) -> None:
        while (message := self._outbox.get()) is not None:
            messages = [message, *_all_of(self._outbox)]
            with suppress(OSError):  # of the death learns the thread that receives
                self._child.connection.send([each for each in messages if each is not None])
            if None in messages:
                return


def _all_of(outbox: "queue.SimpleQueue[FromServer | None]") -> list[FromServer | None]:
    """Take what is there."""
    taken: list[FromServer | None] = []
    with suppress(queue.Empty):
        while True:
            taken.append(outbox.get_nowait())
    return taken
