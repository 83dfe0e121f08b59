"""The options that connections inherit from the socket that uvicorn binds."""

import socket

import uvicorn

from proxy.socket_options import UNSENT_BYTES, set_socket_options


def test_connections_send_at_once_and_do_not_wait_for_ever() -> None:
    with uvicorn.Config("proxy", port=0).bind_socket() as listener:
        set_socket_options(listener, reader_deadline=2.5)
        listener.listen()
        with socket.create_connection(listener.getsockname()), listener.accept()[0] as connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT) == UNSENT_BYTES
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 2500
