"""Network addresses as they stand in URLs."""

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound


def authority(address: str, port: int) -> str:
    """Host and port with which a client on this machine reaches a server that listens on `address`."""
    reachable = _ANY.get(address, address)
    return f"[{reachable}]:{port}" if ":" in reachable else f"{reachable}:{port}"
