"""The socket that the proxy listens on."""

import socket


def tune(listener: socket.socket, reader_deadline: float) -> None:
    """Set on `listener` what every connection inherits, before the first is accepted.

    asyncio would send small writes at once by itself, but not on the sockets that uvicorn makes, and each piece of
    audio would wait up to 40 ms for the client's acknowledgement of the last.
    """
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # The kernel would else keep what a client does not read for as long as it stays connected.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(reader_deadline * 1000))
