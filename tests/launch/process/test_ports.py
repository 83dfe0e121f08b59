import socket
from pathlib import Path

import pytest

from launch.errors import InvalidSetting, PortTaken
from launch.process.ports import find_free, require_free


def test_free_ports_are_different_and_free() -> None:
    ports = find_free("127.0.0.1", 20)
    assert len(set(ports)) == 20
    for port in ports:
        require_free("127.0.0.1", port, option="--port")


def test_the_system_does_not_give_free_ports_away_by_itself() -> None:
    first, last = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    assert not [port for port in find_free("127.0.0.1", 20) if first <= port <= last]


def test_too_few_free_ports_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("launch.process.ports._PORTS", range(20_000, 20_002))
    with pytest.raises(InvalidSetting, match="no 3 free ports"):
        find_free("127.0.0.1", 3)


def test_taken_port_names_the_option() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"port {port} on 127\.0\.0\.1 is taken.*--triton-http-port"):
            require_free("127.0.0.1", port, option="--triton-http-port")


def test_connections_that_are_closing_do_not_take_the_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()
    require_free("127.0.0.1", port, option="--port")


@pytest.mark.parametrize("address", ["192.0.2.1", "no.such.host.invalid"])
def test_address_of_another_machine(address: str) -> None:
    with pytest.raises(InvalidSetting, match=address):
        require_free(address, 8080, option="--host")
