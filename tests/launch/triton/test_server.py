import os
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from launch.errors import CannotWrite, InvalidSetting, PortTaken, ServerDied, StartCancelled, StartFailed
from launch.triton.server import TritonServer
from launch.triton.settings import TritonSettings
from tests.launch.processes import ProcessSnapshot, descendants, regions_of, wait_until_gone
from tests.waiting import wait_until

SPEAK = {"inputs": [{"name": "text", "shape": [1, 1], "datatype": "BYTES", "data": ["Hi."]}]}


def speak(triton: TritonServer) -> httpx.Response:
    return httpx.post(f"{triton.http_url}/v2/models/soprano/infer", json=SPEAK, timeout=10)


@pytest.fixture
def nothing_is_left() -> Callable[[], bool]:
    """Whether the servers that the test has started have left no process, thread or shared memory."""

    def present() -> tuple[set[int], set[threading.Thread], set[str]]:
        processes = {process.pid for process in descendants(os.getpid())}
        threads = {thread for thread in threading.enumerate() if thread.name == "triton-log"}
        return processes, threads, set(regions_of(os.getpid()))

    before = present()  # servers that other tests share run on
    return lambda: present() == before


def test_ready_inside_the_block_and_gone_after_it(
    triton_settings: TritonSettings, nothing_is_left: Callable[[], bool]
) -> None:
    with TritonServer(triton_settings) as triton:
        audio, *_ = [output for output in speak(triton).json()["outputs"] if output["name"] == "audio"]
        assert audio["data"] == list(range(10))
        assert httpx.get(triton.metrics_url).text.startswith("# HELP")
        assert triton.grpc_url.startswith("127.0.0.1:")
        assert ProcessSnapshot.at(triton.pid).command.split()[0].endswith("/tritonserver")
        assert regions_of(os.getpid())
    assert nothing_is_left()
    assert "successfully unloaded 'soprano'" in triton_settings.log_path.read_text()  # type: ignore[union-attr]


def test_it_can_be_started_again(triton_settings: TritonSettings, nothing_is_left: Callable[[], bool]) -> None:
    triton = TritonServer(triton_settings)
    for _ in range(2):
        triton.start()
        assert speak(triton).status_code == 200
        triton.stop(timeout=0)
        assert nothing_is_left()
    assert triton.log_path.read_text().count("Started HTTPService") == 2


def test_two_at_once(triton_settings: TritonSettings, tmp_path: Path) -> None:
    first = TritonServer(triton_settings)
    second = TritonServer(replace(triton_settings, log_path=tmp_path / "second.log"))
    with first:
        second.start()
        second.stop(timeout=0)
        assert speak(first).status_code == 200


def test_log_lines_are_passed_on(triton_settings: TritonSettings) -> None:
    lines: list[str] = []
    triton = TritonServer(triton_settings, lines.append)
    triton.start()
    triton.stop(timeout=0)
    assert any("Started HTTPService" in line for line in lines)


def test_model_that_does_not_load(
    triton_settings: TritonSettings, fault: Path, nothing_is_left: Callable[[], bool]
) -> None:
    fault.write_text("unloadable")
    with pytest.raises(StartFailed) as raised:
        TritonServer(triton_settings).start()
    sentence, *problems = str(raised.value).splitlines()
    assert sentence == (
        f"Triton ended while it was starting, with status 1; its whole log is in {triton_settings.log_path}:"
    )
    assert "  model soprano_stream: ValueError: there is no checkpoint here: fetch one" in problems
    assert len(problems) <= 6
    assert nothing_is_left()


def test_model_that_dies_while_it_loads(
    triton_settings: TritonSettings, fault: Path, nothing_is_left: Callable[[], bool]
) -> None:
    fault.write_text("deadly")
    with pytest.raises(StartFailed, match="out of luck"):
        TritonServer(triton_settings).start()
    assert nothing_is_left()


def test_model_that_loads_for_too_long(triton_settings: TritonSettings, nothing_is_left: Callable[[], bool]) -> None:
    with pytest.raises(StartFailed, match="not ready within 0 s"):
        TritonServer(replace(triton_settings, start_timeout=0.1)).start()
    assert nothing_is_left()


def test_cancelled_start(triton_settings: TritonSettings, nothing_is_left: Callable[[], bool]) -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(StartCancelled):
        TritonServer(triton_settings).start(cancelled)
    assert nothing_is_left()


@pytest.mark.parametrize("option", ["--triton-http-port", "--triton-grpc-port", "--triton-metrics-port"])
def test_taken_port(triton_settings: TritonSettings, option: str) -> None:
    triton = TritonServer(triton_settings)
    with (
        socket.create_server(("127.0.0.1", triton.settings.ports[option])),
        pytest.raises(PortTaken, match=f"port {triton.settings.ports[option]} .* is taken.*{option}"),
    ):
        triton.start()
    assert not triton.log_path.exists()


def test_log_that_cannot_be_written(
    triton_settings: TritonSettings, tmp_path: Path, nothing_is_left: Callable[[], bool]
) -> None:
    with pytest.raises(CannotWrite, match="Triton's log"):
        TritonServer(replace(triton_settings, log_path=tmp_path)).start()
    assert nothing_is_left()


def test_death_is_explained(triton_settings: TritonSettings, nothing_is_left: Callable[[], bool]) -> None:
    with TritonServer(triton_settings) as triton:
        assert triton.exit_status is None
        os.kill(triton.pid, signal.SIGKILL)
        wait_until(lambda: triton.exit_status is not None, 5)
        assert "Triton ended by itself, killed by SIGKILL; its whole log is in" in str(triton.death())
    assert nothing_is_left()


def test_if_stubs_die_just_before_triton_the_error_names_triton(triton_settings: TritonSettings) -> None:
    with TritonServer(triton_settings) as triton:
        stubs = [process for process in descendants(triton.pid) if "python_backend_stub" in process.command]
        for stub in stubs:
            stub.kill()
        wait_until_gone(stubs, 2)
        assert triton.exit_status is None
        later = threading.Timer(0.1, os.kill, (triton.pid, signal.SIGKILL))
        later.start()
        assert "Triton ended by itself, killed by SIGKILL" in str(triton.find_death())
        later.join()


def test_frozen_stubs_end_with_triton(triton_settings: TritonSettings, fault: Path) -> None:
    with TritonServer(triton_settings) as triton:
        stubs = descendants(triton.pid)
        fault.write_text("frozen")
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{triton.http_url}/v2/models/soprano/infer", json=SPEAK, timeout=0.5)
        os.kill(triton.pid, signal.SIGKILL)
        wait_until_gone(stubs, 2)


def test_stop_kills_what_does_not_end_in_time(
    triton_settings: TritonSettings, fault: Path, nothing_is_left: Callable[[], bool]
) -> None:
    triton = TritonServer(triton_settings)
    triton.start()
    fault.write_text("frozen")
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{triton.http_url}/v2/models/soprano/infer", json=SPEAK, timeout=0.5)
    triton.stop(timeout=1)
    assert nothing_is_left()


def test_pid_of_a_server_that_was_not_started(triton_settings: TritonSettings) -> None:
    with pytest.raises(ServerDied, match="not running"):
        _ = TritonServer(triton_settings).pid


def test_environment_reaches_the_models(triton_settings: TritonSettings) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("STAND_IN_FAULT")
        triton = TritonServer(replace(triton_settings, environment={"STAND_IN_FAULT": "/nowhere"}))
        triton.start()
        triton.stop(timeout=0)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"model_repository": Path("/nowhere")}, "/nowhere has no model 'soprano_stream'"),
        ({"http_port": 70000}, "between 0 and 65535"),
        ({"http_port": 8001, "grpc_port": 8001}, "must be different ports"),
    ],
)
def test_settings_that_cannot_work(triton_settings: TritonSettings, wrong: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidSetting, match=words):
        replace(triton_settings, **wrong)  # type: ignore[arg-type]
