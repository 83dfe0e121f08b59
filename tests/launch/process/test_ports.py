import socket

import pytest

from launch.errors import InvalidSetting, PortTaken
from launch.process.ports import find_free, require_free


def test_free_ports_are_different_and_free() -> None:
    ports = find_free("127.0.0.1", 20)
    assert len(set(ports)) == 20
    for port in ports:
        require_free("127.0.0.1", port, option="--port")


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
