"""`python -m proxy` as a process."""

import contextlib
import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.proxy.stand_in import CHUNK_SAMPLES, RATE
from tests.proxy.synthesis.stand_in_triton import StandInTriton, serve


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def proxy(**environment: str) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    port = free_port()
    environment = {**os.environ, "SOPRANO_PORT": str(port), "SOPRANO_PROXY_WORKERS": "1", **environment}
    process = subprocess.Popen([sys.executable, "-m", "proxy"], env=environment, stderr=subprocess.PIPE, text=True)
    with process, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        try:
            wait_until_live(client)
            yield process, client
        finally:
            process.kill()


def wait_until_live(client: httpx.Client) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.ConnectError):
            if client.get("/health/live").status_code == 200:
                return
        time.sleep(0.05)
    raise TimeoutError("the proxy did not start")


def test_sigterm_lets_the_running_request_finish() -> None:
    with serve(StandInTriton()) as triton, proxy(SOPRANO_TRITON_URL=triton) as (process, client):
        assert client.get("/health/ready").status_code == 200
        body = {"model": "tts-1", "input": "chunks=10 pause=0.1", "response_format": "pcm"}
        with client.stream("POST", "/v1/audio/speech", json=body) as response:
            pieces = response.iter_raw()
            received = len(next(pieces))
            process.send_signal(signal.SIGTERM)
            received += sum(map(len, pieces))
        assert received == pytest.approx(10 * CHUNK_SAMPLES * 3 / 4 * 2, abs=4)
        process.wait(5)
        with pytest.raises(httpx.ConnectError):
            client.get("/health/live")


def test_sigterm_does_not_wait_for_ever() -> None:
    with serve(StandInTriton()) as triton:
        environment = {"SOPRANO_TRITON_URL": triton, "SOPRANO_DRAIN_DEADLINE": "1"}
        with proxy(**environment) as (process, client):
            body = {"model": "tts-1", "input": "chunks=1000 pause=0.1", "response_format": "pcm"}
            with client.stream("POST", "/v1/audio/speech", json=body) as response:
                pieces = response.iter_raw()
                assert next(pieces)
                process.send_signal(signal.SIGTERM)
                with pytest.raises(httpx.RemoteProtocolError):
                    list(pieces)
            process.wait(5)


def test_triton_that_dies_cuts_the_stream_and_is_told_by_health() -> None:
    with contextlib.ExitStack() as stack:
        triton = stack.enter_context(contextlib.ExitStack())
        url = triton.enter_context(serve(StandInTriton()))
        _, client = stack.enter_context(proxy(SOPRANO_TRITON_URL=url))
        assert client.get("/health/ready").status_code == 200
        body = {"model": "tts-1", "input": "chunks=100 pause=0.1", "response_format": "pcm"}
        with client.stream("POST", "/v1/audio/speech", json=body) as response:
            pieces = response.iter_raw()
            assert next(pieces)
            threading.Thread(target=triton.close).start()
            with pytest.raises(httpx.RemoteProtocolError):
                list(pieces)
        assert client.get("/health/ready").status_code == 503
        assert client.get("/health/live").status_code == 200


def test_wrong_setting_is_named() -> None:
    environment = {**os.environ, "SOPRANO_PORT": "many"}
    result = subprocess.run(
        [sys.executable, "-m", "proxy"], env=environment, capture_output=True, text=True, check=False, timeout=30
    )
    assert result.returncode == 1
    assert result.stderr.startswith("SOPRANO_PORT: ")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("environment", [{"SOPRANO_API_KEYS": ","}, {"SOPRANO_API_KEYS": " "}])
def test_it_does_not_start_if_the_keys_are_empty(environment: dict[str, str]) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "proxy"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert result.returncode == 1
    assert result.stderr.startswith("SOPRANO_API_KEYS: ")


@pytest.mark.parametrize(("environment", "warns"), [({}, True), ({"SOPRANO_API_KEYS": "key"}, False)])
def test_it_warns_if_other_machines_need_no_key(environment: dict[str, str], warns: bool) -> None:
    everywhere = {"SOPRANO_HOST": "0.0.0.0", "SOPRANO_LOG_LEVEL": "warning"}  # noqa: S104
    with proxy(**everywhere, **environment) as (process, _):
        process.terminate()
        _, log = process.communicate(timeout=20)
    warnings = [line for line in log.splitlines() if line.startswith("WARNING:")]
    assert len(warnings) == warns
    assert all("SOPRANO_API_KEYS" in line for line in warnings)


def test_an_idle_connection_stays_open_for_longer_than_a_retry_after() -> None:
    with proxy() as (_, client):
        address = (client.base_url.host, client.base_url.port)
        connection = http.client.HTTPConnection(*address)
        with contextlib.closing(connection):
            connection.request("GET", "/health/live")
            connection.getresponse().read()
            closed, _, _ = select.select([connection.sock], [], [], 6.0)  # uvicorn's own patience is 5
            assert not closed
            connection.request("GET", "/health/live")
            assert connection.getresponse().status == 200


def peak_memory(process: subprocess.Popen[str]) -> int:
    """The largest number of bytes of memory that the process has used so far."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@pytest.mark.parametrize("form", [{"timestamps": True}, {"stream_format": "sse"}, {}], ids=["json", "events", "audio"])
def test_a_whole_clip_costs_no_more_than_twice_its_size(form: dict[str, object]) -> None:
    chunks, rate, speed = 400, 48000, 0.25
    clip = int(chunks * CHUNK_SAMPLES / RATE * rate * 2 / speed)
    body = {"model": "tts-1", "response_format": "wav", "sample_rate": rate, "speed": speed, "stream": False, **form}
    with serve(StandInTriton()) as triton, proxy(SOPRANO_TRITON_URL=triton) as (process, client):
        client.post("/v1/audio/speech", json={**body, "input": "chunks=3"})
        before = peak_memory(process)
        response = client.post("/v1/audio/speech", json={**body, "input": f"chunks={chunks}"}, timeout=30)
        assert len(response.content) >= clip
        assert peak_memory(process) - before < 2 * clip
