"""The real proxy in a process of its own, with a stand-in for the engine whose tones depend on the words."""

import asyncio
import signal
import subprocess
import sys
import zlib
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager

import httpx
import uvicorn

from launch.process import ports
from proxy.app import create_app
from proxy.settings import Settings
from proxy.synthesis.interface import AudioChunk, SentenceStart, SynthesisParameters, Usage
from proxy.websocket_protocol import WebSocketProtocol
from tests.proxy.stand_in import RATE, StandIn, sine
from tests.waiting import wait_until

_CHUNK = 3200
_SAMPLES_PER_CHARACTER = 400


class Voice(StandIn):
    """Speaks each sentence as a tone whose height and length are its own, `speed` times as fast as it is heard."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self.speed = speed

    async def synthesize(self, parameters: SynthesisParameters) -> AsyncGenerator[AudioChunk]:
        made = 0
        for index, line in enumerate(parameters.text.split("\n")):
            samples = _SAMPLES_PER_CHARACTER * len(line)
            frequency = 200.0 + zlib.crc32(line.encode()) % 1000
            for start in range(0, samples, _CHUNK):
                await asyncio.sleep(_CHUNK / RATE / self.speed)
                tone = sine(min(_CHUNK, samples - start), start, frequency=frequency)
                begun = () if start else (SentenceStart(index, made, 0, 0, line),)
                yield AudioChunk(tone, RATE, Usage(1, 1), begun, checkpoint="tones")
            made += samples


class StandInServer:
    """A server on a port that stays the same, to be killed and started."""

    def __init__(self, speed: float) -> None:
        (self.port,) = ports.find_free("127.0.0.1", 1)
        self.speed = speed
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.launch.say.stand_in_server", str(self.port), str(self.speed)]
        self._process = subprocess.Popen(command)
        wait_until(self._is_ready, 60)

    def stop(self, number: signal.Signals = signal.SIGKILL) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(20)
            self._process = None

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/live", trust_env=False).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


@contextmanager
def stand_in_server(speed: float = 1000.0) -> Iterator[StandInServer]:
    """Start one; it speaks `speed` times as fast as speech is heard."""
    server = StandInServer(speed)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def main(port: int, speed: float) -> None:
    """Serve until the process is ended."""
    app = create_app(Settings(), connect=lambda *_: Voice(speed))
    uvicorn.run(
        app, port=port, ws=WebSocketProtocol, ws_ping_timeout=None, log_level="warning", timeout_graceful_shutdown=30
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
