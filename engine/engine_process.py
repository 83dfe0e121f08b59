"""The server's end of the connection to an engine process. Loads no PyTorch."""

import queue
import threading
from contextlib import suppress

from engine.messages import Begin, FromEngine, FromServer
from engine.settings import EngineSettings
from ipc.child import Child


class EngineDied(Exception):
    """The process has ended, or has closed its connection."""


class EngineProcess:
    """An engine process, which loads its checkpoint after `begin`.

    `send` is thread-safe and never blocks: the thread `engine-writer` sends all queued messages as one list. The other
    methods are not thread-safe. `kill` and `close` end the process and the thread.
    """

    def __init__(self, child: Child) -> None:
        self._child = child
        self._outbox: queue.SimpleQueue[FromServer | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="engine-writer", daemon=True)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    def begin(self, settings: EngineSettings) -> None:
        """Let the process load the checkpoint that `settings` name. Raises `EngineDied`."""
        try:
            self._child.connection.send(Begin(settings))
        except OSError as error:
            raise EngineDied(self._child.exit_reason()) from error
        self._writer.start()

    def send(self, message: FromServer) -> None:
        """Queue a message; messages are sent in order."""
        self._outbox.put(message)

    def receive(self, timeout: float) -> FromEngine | None:
        """Return the next message, or None if none arrives within `timeout` seconds. Raises `EngineDied`."""
        try:
            if not self._child.connection.poll(timeout):
                return None
            message: FromEngine = self._child.connection.recv()
        except (EOFError, OSError) as error:
            raise EngineDied(self._child.exit_reason()) from error
        return message

    def kill(self) -> None:
        """Kill the process at once."""
        self._stop_writing()
        self._child.kill()

    def close(self) -> None:
        """Let the process exit after its current step."""
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
            with suppress(OSError):  # the thread that receives notices the death
                self._child.connection.send([each for each in messages if each is not None])
            if None in messages:
                return


def _all_of(outbox: "queue.SimpleQueue[FromServer | None]") -> list[FromServer | None]:
    """Return all queued messages without waiting."""
    taken: list[FromServer | None] = []
    with suppress(queue.Empty):
        while True:
            taken.append(outbox.get_nowait())
    return taken
