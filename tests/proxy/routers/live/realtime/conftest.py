from collections.abc import Iterator

import pytest

from tests.proxy.routers.live.realtime.realtime_client import RealtimeClient, realtime_client


@pytest.fixture
def client(url: str) -> Iterator[RealtimeClient]:
    """A client whose session has begun."""
    with realtime_client(url) as client:
        assert client.receive()["type"] == "session.created"
        yield client
