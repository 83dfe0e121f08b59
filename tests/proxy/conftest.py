from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from proxy.settings import Settings
from tests.proxy.live_server import live_server
from tests.proxy.stand_in import Relay, StandIn

Serve = Callable[..., httpx.Client]


@pytest.fixture(scope="session")
def settings() -> Settings:
    """Settings with low limits. Tests set deadlines themselves, since a busy machine may take a second for anything."""
    return Settings(
        triton_url="127.0.0.1:8001",
        max_input_characters=100,
        max_body_bytes=10_000,
        model_aliases=frozenset({"my-voice"}),
    )


@pytest.fixture(scope="session")
def relay() -> Relay:
    return Relay()


@pytest.fixture(scope="session")
def server(settings: Settings, relay: Relay) -> Iterator[str]:
    """The URL of the one running server."""
    with live_server(settings, lambda: relay) as url:
        yield url


@pytest.fixture
def serve(settings: Settings, relay: Relay, engine: StandIn) -> Iterator[Serve]:  # noqa: ARG001 (it needs an engine)
    """Starts another server with some settings changed, and returns a client for it."""
    with ExitStack() as stack:

        def start(**changes: object) -> httpx.Client:
            url = stack.enter_context(live_server(settings.model_copy(update=changes), lambda: relay))
            return stack.enter_context(httpx.Client(base_url=url, timeout=10))

        yield start


@pytest.fixture
def engine(relay: Relay) -> StandIn:
    """The speech engine behind the application: a stand-in that the test configures."""
    relay.engine = StandIn()
    return relay.engine


@pytest.fixture
def url(server: str, engine: StandIn) -> str:  # noqa: ARG001 (the server needs an engine)
    """The URL of a running server with the test's own `engine` behind it."""
    return server


@pytest.fixture(scope="session")
def client(server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server, timeout=10) as client:
        yield client


@pytest.fixture
def http(client: httpx.Client, engine: StandIn) -> httpx.Client:  # noqa: ARG001 (the server needs an engine)
    """A plain HTTP client of that server."""
    return client
