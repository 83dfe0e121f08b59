"""The HTTP client of Triton, without a Triton."""

import asyncio
import socket

import pytest

from proxy.errors import ServiceUnavailable
from proxy.synthesis.http import HttpSynthesizer
from proxy.synthesis.interface import SynthesisParameters


@pytest.fixture
def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


def test_triton_that_is_down_is_unavailable(closed_port: str) -> None:
    async def use() -> None:
        synthesizer = HttpSynthesizer(closed_port, timeout=5)
        with pytest.raises(ServiceUnavailable, match="cannot be reached"):
            await anext(synthesizer.synthesize(SynthesisParameters("Hello.")))
        with pytest.raises(ServiceUnavailable, match="cannot be reached"):
            await synthesizer.check()
        await synthesizer.close()

    asyncio.run(use())
