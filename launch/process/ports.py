"""TCP ports: checking that one is free, and finding free ones."""

import errno
import socket
from contextlib import ExitStack
from itertools import chain
from secrets import randbelow

from launch.errors import InvalidSetting, PortTaken

_PORTS = range(20_000, 32_768)  # below those that Linux gives away by itself


def require_free(address: str, port: int, *, option: str) -> None:
    """Check that a server can listen on `port` of `address`; the message names the `option` that sets it.

    Raises `PortTaken`, or `InvalidSetting` if the address is not this machine's or the port is not permitted.
    """
    try:
        _bind(address, port).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"port {port} on {address} is taken: stop what listens there or choose another with {option}"
            ) from error
        raise InvalidSetting(
            f"cannot listen on port {port} of {address} ({error.strerror}): change the address or {option}"
        ) from error


def find_free(address: str, count: int) -> list[int]:
    """Return `count` different ports that are free now.

    The system gives none of them to a connection, or to a server that asks for any port, before they are used. Such a
    server may share its port (gRPC's do), and each of the two would get a part of the other's connections.

    Raises `InvalidSetting` if the address is not this machine's or has too few.
    """
    held: list[int] = []
    first = randbelow(len(_PORTS))
    with ExitStack() as stack:
        for port in chain(_PORTS[first:], _PORTS[:first]):
            if len(held) == count:
                break
            try:
                stack.enter_context(_bind(address, port))
                held.append(port)
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    message = f"cannot listen on {address} ({error.strerror}): choose another address"
                    raise InvalidSetting(message) from error
    if len(held) < count:
        raise InvalidSetting(f"{address} has no {count} free ports from {_PORTS.start} on: stop what holds them")
    return held


def _bind(address: str, port: int) -> socket.socket:
    """Return a socket that holds the port, with a server's options: closing connections do not make it taken."""
    family, kind, protocol, _, target = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
    holder = socket.socket(family, kind, protocol)
    try:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(target)
    except OSError:
        holder.close()
        raise
    return holder
