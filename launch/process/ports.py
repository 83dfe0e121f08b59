"""TCP ports: whether one is free, and which are."""

import errno
import socket
from contextlib import ExitStack

from launch.errors import InvalidSetting, PortTaken


def require_free(address: str, port: int, *, option: str) -> None:
    """Check that a server may listen on `port` of `address`, which the user can change with `option`.

    Raises `PortTaken`, or `InvalidSetting` for an address that is not this machine's or a port that is not allowed.
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
    """Return `count` different ports that nothing listens on just now.

    Raises `InvalidSetting` for an address that is not this machine's.
    """
    try:
        with ExitStack() as stack:
            return [stack.enter_context(_bind(address, 0)).getsockname()[1] for _ in range(count)]
    except OSError as error:
        raise InvalidSetting(f"cannot listen on {address} ({error.strerror}): choose another address") from error


def _bind(address: str, port: int) -> socket.socket:
    """Return a socket that holds the port, as a server would: connections that are closing do not count."""
    family, kind, protocol, _, target = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
    holder = socket.socket(family, kind, protocol)
    try:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(target)
    except OSError:
        holder.close()
        raise
    return holder
