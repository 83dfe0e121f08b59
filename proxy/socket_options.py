"""Options of the socket that the proxy listens on."""

import socket

UNSENT_BYTES = 65536
"""Bytes that the kernel buffers for a client, not counting bytes sent and not yet acknowledged."""


def set_socket_options(listening: socket.socket, reader_deadline: float) -> None:
    """Set the options that connections inherit; to be called before the first one is accepted.

    asyncio sets TCP_NODELAY itself, but not on connections of a socket that uvicorn created. Without it, each piece of
    audio waits up to 40 ms until the client has acknowledged the one before.
    """
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # By default the kernel buffers megabytes per client, which hides that the client is slow, and accepts more only
    # when a third of them was read: minutes later, if the client reads no faster than speech plays.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
    # By default the kernel keeps unread data for as long as the client stays connected.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(reader_deadline * 1000))
