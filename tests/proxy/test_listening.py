"""The sockets that the proxy listens on."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from proxy.listening import PATIENCE, UNSENT_BYTES, SharedSocket, http_socket
from proxy.settings import Settings
from proxy.worker_table import WorkerTable


def test_connections_send_at_once_and_do_not_wait_for_ever() -> None:
    with http_socket(Settings(port=0, reader_deadline=2.5)) as listener:
        listener.listen()
        with socket.create_connection(listener.getsockname()), listener.accept()[0] as connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT) == UNSENT_BYTES
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 2500


class Shared:
    """A port with some clients that wait, and the socket of each of two workers."""

    def __init__(self, stack: ExitStack, clients: int) -> None:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=clients))
        for _ in range(clients):
            stack.enter_context(socket.create_connection(listening.getsockname()))
        self._stack = stack
        self.table = WorkerTable(2)
        self.sockets = [stack.enter_context(SharedSocket(self._worker(row), listening.dup())) for row in range(2)]

    def _worker(self, row: int) -> WorkerTable:
        worker = self.table.of(row)
        worker.beat()
        return worker

    def accept(self, row: int) -> socket.socket:
        return self._stack.enter_context(self.sockets[row].accept()[0])


@pytest.fixture
def shared() -> Iterator[Shared]:
    with ExitStack() as stack:
        yield Shared(stack, clients=10)


def test_a_worker_leaves_connections_to_one_that_has_fewer(shared: Shared) -> None:
    accepted = [shared.accept(0), shared.accept(0)]
    with pytest.raises(BlockingIOError):
        shared.accept(0)
    shared.accept(1)
    accepted.append(shared.accept(0))
    with pytest.raises(BlockingIOError):
        shared.accept(0)
    accepted[0].close()
    accepted[0].close()
    shared.accept(0)


def test_it_does_not_wait_for_the_other_one_for_long(shared: Shared) -> None:
    for _ in range(2):
        shared.accept(0)
    for _ in range(2):
        with pytest.raises(BlockingIOError):
            shared.accept(0)
        time.sleep(PATIENCE)
        shared.accept(0)


def test_it_does_not_wait_for_one_that_has_ended(shared: Shared) -> None:
    shared.table.clear(1)
    for _ in range(5):
        shared.accept(0)
