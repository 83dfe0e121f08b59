"""The socket that the proxy listens on."""

import socket

UNSENT_BYTES = 65536
"""What the system takes for a client beyond what is on its way."""


def set_socket_options(listener: socket.socket, reader_deadline: float) -> None:
    """Set on `listener` what every connection inherits, before the first is accepted.

    asyncio would send small writes at once by itself, but not on the sockets that uvicorn makes, and each piece of
    audio would wait up to 40 ms for the client's acknowledgement of the last.
    """
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # The system would else take megabytes for a client before audio is seen to wait for it, and again ask for more only
    # once a third of them was read: minutes later, at the pace at which speech plays.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
    # The kernel would else keep what a client does not read for as long as it stays connected.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(reader_deadline * 1000))
