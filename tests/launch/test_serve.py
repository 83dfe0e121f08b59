"""`soprano serve` as a user runs it, with the real proxy, the real Triton and a stand-in for the engine."""

import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.launch.processes import ProcessSnapshot, regions_of, wait_until_gone
from tests.launch.serving import Serve
from tests.waiting import wait_until

QUICK_WATCHDOG = ("--watchdog-interval=0.1", "--watchdog-deadline=0.5", "--watchdog-failures=2")


def test_it_says_where_it_listens_and_how_to_try_it(serve: Serve) -> None:
    serve.start().until_ready()
    assert f"Listening on {serve.url} (Ctrl-C stops)" in serve.output()
    assert f"curl {serve.url}/v1/audio/speech" in serve.output()
    assert "warning: this checkpoint is synthetic: it makes noise, not speech" in serve.output()
    assert len(serve.output().strip().splitlines()) <= 6, "that is all it says"
    assert httpx.get(f"{serve.url}/health/ready").status_code == 200


def test_it_warns_of_addresses_that_others_reach(serve: Serve) -> None:
    serve.start("--host=0.0.0.0", "--triton-address=0.0.0.0").until_ready()
    assert "warning: anybody who can reach 0.0.0.0 may use this server: set SOPRANO_API_KEYS" in serve.output()
    assert "warning: Triton on 0.0.0.0 checks no API keys" in serve.output()


def test_a_server_with_keys_may_be_reached(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOPRANO_API_KEYS", "secret")
    serve.start("--host=0.0.0.0").until_it_says("starting Triton")
    assert "anybody" not in serve.output()


def test_verbose_shows_tritons_log(serve: Serve) -> None:
    serve.start("--verbose").until_ready()
    assert "Started HTTPService" in serve.output()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything(serve: Serve, number: signal.Signals) -> None:
    serve.start().until_ready()
    tree = serve.tree()
    began = time.monotonic()
    serve.signal(number)
    assert serve.exit_status(10) == 0
    assert time.monotonic() - began < 5
    assert not [process for process in tree if process.alive]
    assert not regions_of(serve.process.pid)
    assert "Traceback" not in serve.output()


def test_sigterm_stops_one_that_runs_in_the_background_of_a_script(serve: Serve) -> None:
    """Background commands of a script ignore Ctrl-C, and their children inherit that."""
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        serve.start().until_ready()
    finally:
        signal.signal(signal.SIGINT, previous)
    tree = serve.tree()
    serve.signal(signal.SIGTERM)
    assert serve.exit_status(5) == 0
    assert not [process for process in tree if process.alive]
    assert not regions_of(serve.process.pid)


def test_ctrl_c_while_a_request_hangs(serve: Serve, fault: Path) -> None:
    serve.start().until_ready()
    tree = serve.tree()
    fault.write_text("frozen")
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{serve.url}/v1/audio/speech", json={"model": "soprano", "input": "Hi."}, timeout=0.5)
    began = time.monotonic()
    serve.signal(signal.SIGINT)
    assert serve.exit_status(10) == 0
    assert time.monotonic() - began < 5
    assert not [process for process in tree if process.alive]


def test_ctrl_c_while_it_starts(serve: Serve) -> None:
    serve.start().until_it_says("starting Triton")
    serve.signal(signal.SIGINT)
    assert serve.exit_status(5) == 0
    assert not regions_of(serve.process.pid)
    assert "Traceback" not in serve.output()


def test_kill_leaves_nothing_running(serve: Serve) -> None:
    serve.start().until_ready()
    tree = serve.tree()
    serve.signal(signal.SIGKILL)
    wait_until_gone(tree, 2)


def test_kill_leaves_no_worker_of_the_proxy_running(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOPRANO_PROXY_WORKERS", "2")
    serve.start().until_ready()
    tree = serve.tree()
    proxies = [each for each in tree if each.command.endswith("-m proxy") and "tether" not in each.command]
    assert len(proxies) == 3
    serve.signal(signal.SIGKILL)
    wait_until_gone(tree, 10)


def test_kill_leaves_nothing_running_not_even_a_frozen_model(serve: Serve, fault: Path) -> None:
    serve.start().until_ready()
    tree = serve.tree()
    fault.write_text("frozen")
    with pytest.raises(httpx.ReadTimeout):
        serve.infer(timeout=0.5)
    serve.signal(signal.SIGKILL)
    wait_until_gone(tree, 2)


def test_the_next_start_cleans_up_after_a_killed_one(serve: Serve) -> None:
    serve.start().until_ready()
    killed = serve.process.pid
    serve.signal(signal.SIGKILL)
    serve.exit_status(5)
    assert regions_of(killed)
    serve.start().until_ready()
    assert not regions_of(killed)
    assert serve.infer().status_code == 200


def process_of(tree: list[ProcessSnapshot], command: str) -> ProcessSnapshot:
    """The only process in a tree that runs `command` itself; tethers do not count."""
    (found,) = [process for process in tree if command in process.command and "tether.py" not in process.command]
    return found


def test_a_proxy_that_dies_is_restarted(serve: Serve) -> None:
    serve.start().until_ready()
    for count in (1, 2):
        process_of(serve.tree(), "-m proxy").kill()
        wait_until(lambda: serve.output().count("the proxy is back") == count, 20)  # noqa: B023 - called at once
        wait_until(lambda: httpx.get(f"{serve.url}/health/ready").status_code == 200, 10)
    assert "restarting the proxy: the proxy ended by itself, killed by SIGKILL" in serve.output()
    assert "restarting the proxy in 1 s: the proxy ended by itself" in serve.output()
    assert speak(serve) == 200


def test_a_proxy_that_dies_while_there_is_no_triton_comes_back_first(serve: Serve, fault: Path) -> None:
    serve.start().until_ready()
    fault.write_text("unloadable")
    process_of(serve.tree(), "bin/tritonserver").kill()
    serve.until_it_says("the restart failed")
    process_of(serve.tree(), "-m proxy").kill()
    serve.until_it_says("the proxy is back")
    fault.write_text("")
    wait_until(lambda: httpx.get(f"{serve.url}/health/ready").status_code == 200, 30)


def test_a_triton_that_dies_is_restarted(serve: Serve) -> None:
    serve.start().until_ready()
    tree = serve.tree()
    process_of(tree, "bin/tritonserver").kill()
    serve.until_it_says("restarting Triton: Triton ended by itself, killed by SIGKILL")
    wait_until(lambda: serve.output().count("Triton is ready") == 2, 20)
    assert serve.infer().status_code == 200
    wait_until(lambda: httpx.get(f"{serve.url}/health/ready").status_code == 200, 10)
    assert not [process for process in tree if process.alive and "stub" in process.command]


def test_a_triton_whose_model_dies_is_restarted(serve: Serve) -> None:
    serve.start().until_ready()
    process_of(serve.tree(), "/soprano_stream/1/model.py").kill()
    serve.until_it_says("restarting Triton: the process of Triton's model soprano_stream ended by itself")
    wait_until(lambda: serve.output().count("Triton is ready") == 2, 20)
    assert serve.infer().status_code == 200


ANY_PORTS = ("--triton-http-port=0", "--triton-grpc-port=0", "--triton-metrics-port=0")


def speak(serve: Serve) -> int:
    body = {"model": "soprano", "voice": "soprano", "input": "Hello.", "response_format": "pcm"}
    return httpx.post(f"{serve.url}/v1/audio/speech", json=body, timeout=20).status_code


def test_each_device_has_a_triton_and_speech_goes_on_when_one_dies(serve: Serve) -> None:
    serve.start("--device=cpu,cpu", *ANY_PORTS).until_ready()
    assert "Triton 1 of 2 (cpu) is ready" in serve.output()
    assert "Triton 2 of 2 (cpu) is ready" in serve.output()
    servers = [each for each in serve.tree() if "bin/tritonserver" in each.command and "tether" not in each.command]
    assert len(servers) == 2
    servers[0].kill()
    assert [speak(serve) for _ in range(10)] == [200] * 10
    serve.until_it_says("restarting Triton")
    wait_until(lambda: serve.output().count("is ready after") == 3, 20)
    assert [speak(serve) for _ in range(10)] == [200] * 10


def test_one_triton_serves_on_while_another_cannot_be_restarted(serve: Serve, fault: Path) -> None:
    serve.start("--device=cpu,cpu", *ANY_PORTS).until_ready()
    victim, _ = [each for each in serve.tree() if "bin/tritonserver" in each.command and "tether" not in each.command]
    fault.write_text("unloadable")
    victim.kill()
    serve.until_it_says(" in 1 s: the restart failed")
    assert [speak(serve) for _ in range(4)] == [200] * 4
    fault.write_text("")
    wait_until(lambda: serve.output().count("is ready after") == 3, 30)


def test_a_triton_that_falls_silent_is_restarted(serve: Serve, fault: Path) -> None:
    serve.start(*QUICK_WATCHDOG).until_ready()
    fault.write_text("silent")
    serve.until_it_says("restarting Triton: 2 one-word requests failed")
    fault.write_text("")
    wait_until(lambda: serve.output().count("Triton is ready") == 2, 20)
    assert serve.infer().status_code == 200
    wait_until(lambda: httpx.get(f"{serve.url}/health/ready").status_code == 200, 10)


def test_a_triton_that_is_full_is_not_restarted(serve: Serve, fault: Path) -> None:
    # With a deadline of its own, so that a busy machine is not taken for a Triton that is stuck.
    serve.start(*QUICK_WATCHDOG, "--watchdog-deadline=30").until_ready()
    fault.write_text("overloaded")
    until = time.monotonic() + 3
    while time.monotonic() < until:
        assert serve.infer().status_code == 503
        time.sleep(0.05)
    assert "restarting" not in serve.output()


def test_a_triton_that_refuses_everything_and_makes_no_audio_is_restarted(serve: Serve, fault: Path) -> None:
    serve.start(*QUICK_WATCHDOG).until_ready()
    fault.write_text("stuck")
    serve.until_it_says("restarting Triton: 2 one-word requests failed")
    assert "no audio was made within 0.5 s" in serve.output()


def test_a_model_that_replaces_its_engine_is_given_time(serve: Serve, fault: Path) -> None:
    serve.start(*QUICK_WATCHDOG, "--watchdog-recovery=2").until_ready()
    requests = Path(f"{fault}.requests")
    before = requests.stat().st_size
    fault.write_text("recovering")
    wait_until(lambda: requests.stat().st_size > before + 4, 10)
    assert "restarting" not in serve.output()
    serve.until_it_says("restarting Triton: its engine has not been replaced within 2 s")


def test_a_triton_that_stays_broken_is_restarted_after_growing_pauses(serve: Serve, fault: Path) -> None:
    serve.start(*QUICK_WATCHDOG).until_ready()
    fault.write_text("broken")
    serve.until_it_says("restarting Triton in 2 s: 2 one-word requests failed")
    assert "restarting Triton in 1 s: " in serve.output()
    assert "as the test wants it" in serve.output()
    fault.write_text("")
    wait_until(lambda: serve.output().count("Triton is ready") == 4, 30)
    assert serve.infer().status_code == 200


def test_ctrl_c_during_a_pause(serve: Serve, fault: Path) -> None:
    serve.start().until_ready()
    tree = serve.tree()
    fault.write_text("unloadable")
    process_of(tree, "bin/tritonserver").kill()
    serve.until_it_says("restarting Triton in 2 s")
    began = time.monotonic()
    serve.signal(signal.SIGINT)
    assert serve.exit_status(10) == 0
    assert time.monotonic() - began < 5
    assert not [process for process in tree if process.alive]
    assert not regions_of(serve.process.pid)
    assert "Traceback" not in serve.output()


def test_a_port_that_is_taken_for_a_moment_only_delays_a_restart(serve: Serve) -> None:
    serve.start().until_ready()
    process_of(serve.tree(), "bin/tritonserver").kill()
    taken = None
    while taken is None:
        with suppress(OSError):
            taken = socket.create_server(("127.0.0.1", serve.http_port))
    with taken:
        serve.until_it_says("the restart failed: port")
    wait_until(lambda: serve.output().count("Triton is ready") == 2, 30)
    assert serve.infer().status_code == 200


def test_a_model_that_does_not_load(serve: Serve, fault: Path) -> None:
    fault.write_text("unloadable")
    serve.start()
    assert serve.exit_status(30) == 1
    assert "model soprano_stream: ValueError: there is no checkpoint here: fetch one" in serve.output()
    assert "Traceback" not in serve.output()


@pytest.mark.parametrize("which", ["port", "http_port"])
def test_a_taken_port(serve: Serve, which: str) -> None:
    port = getattr(serve, which)
    with socket.create_server(("127.0.0.1", port)):
        serve.start()
        assert serve.exit_status(30) == 1
    assert f"port {port} on 127.0.0.1 is taken" in serve.output()
    assert not regions_of(serve.process.pid)


def test_whole_clips_over_http(serve: Serve) -> None:
    serve.start("--transport=http").until_ready()
    response = httpx.post(
        f"{serve.url}/v1/audio/speech", json={"model": "soprano", "input": "Hi.", "response_format": "wav"}
    )
    assert response.content.startswith(b"RIFF")
