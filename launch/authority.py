"""Network addresses in the form that URLs use."""

import ipaddress
from contextlib import suppress

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound


def authority(address: str, port: int) -> str:
    """The `host:port` at which a client on this machine reaches a server that listens on `address`."""
    reachable = _ANY.get(address, address)
    return f"[{reachable}]:{port}" if ":" in reachable else f"{reachable}:{port}"


def is_loopback(host: str) -> bool:
    """Whether `host`, a name or an address, can be reached from this machine only."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
