"""TCP ports: checking that one is free, and finding free ones."""

import errno
import socket
from contextlib import ExitStack

from launch.errors import InvalidSetting, PortTaken


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

    Raises `InvalidSetting` if the address is not this machine's.
    """
    try:
        with ExitStack() as stack:
            return [stack.enter_context(_bind(address, 0)).getsockname()[1] for _ in range(count)]
    except OSError as error:
        raise InvalidSetting(f"cannot listen on {address} ({error.strerror}): choose another address") from error


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
