"""The command line: help, usage errors, checkpoints, the doctor."""

import socket
from pathlib import Path

import pytest

from launch.process import ports
from tests.launch.serving import assert_one_sentence, soprano

COMMANDS = [
    ["serve"],
    ["triton"],
    ["check"],
    ["say"],
    ["doctor"],
    ["checkpoint"],
    ["checkpoint", "fetch"],
    ["checkpoint", "verify"],
]


@pytest.fixture
def free_ports(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Free ports for the doctor to check, whatever else runs on this machine."""
    names = ["SOPRANO_PORT", *(f"SOPRANO_TRITON_{api}_PORT" for api in ("HTTP", "GRPC", "METRICS"))]
    chosen = dict(zip(names, ports.find_free("127.0.0.1", 4), strict=True))
    for name, port in chosen.items():
        monkeypatch.setenv(name, str(port))
    return chosen


@pytest.mark.parametrize("command", COMMANDS)
def test_help(command: list[str]) -> None:
    result = soprano(*command, "--help")
    assert result.returncode == 0
    assert "Usage:" in result.stdout


@pytest.mark.parametrize(
    "arguments", [["sing"], ["serve", "--sing"], ["say", "Hello.", "--speed=fast"], ["serve", "--port=many"]]
)
def test_wrong_usage_is_status_2(arguments: list[str]) -> None:
    result = soprano(*arguments)
    assert result.returncode == 2
    assert "Usage:" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--checkpoint=./nowhere"], "no checkpoint directory './nowhere'"),
        (["--watchdog-failures=0"], "--watchdog-failures of at least 1"),
        (["--model-repository=/nowhere"], "/nowhere has no model"),
        (["--triton-http-port=9000", "--triton-grpc-port=9000"], "must be different ports"),
        (["--triton-address=192.0.2.1"], "192.0.2.1"),
        (["--transport=pigeon"], "--transport"),
        (["--device=cpu,cpu", "--transport=http"], "over gRPC only"),
        (["--device=cpu,"], "--device cpu, has an empty name"),
        (["--port=0"], "--port between 1 and 65535"),
    ],
)
def test_serve_refuses_what_cannot_work(checkpoint: Path, arguments: list[str], words: str) -> None:
    assert_one_sentence(soprano("serve", *arguments, SOPRANO_CHECKPOINT=str(checkpoint)), words)


def test_serve_without_tritonserver(checkpoint: Path) -> None:
    result = soprano("serve", SOPRANO_CHECKPOINT=str(checkpoint), SOPRANO_TRITONSERVER="/nowhere/tritonserver")
    assert_one_sentence(result, "SOPRANO_TRITONSERVER=/nowhere/tritonserver is not a program")


def test_synthetic_checkpoint_over_something(tmp_path: Path) -> None:
    assert_one_sentence(soprano("checkpoint", "synthetic", str(tmp_path)), str(tmp_path), "exists already")


def test_verify_of_something_else(checkpoint: Path) -> None:
    assert_one_sentence(soprano("checkpoint", "verify", str(checkpoint)), "lacks model.safetensors")


def test_fetch_without_a_hub(tmp_path: Path) -> None:
    (port,) = ports.find_free("127.0.0.1", 1)
    result = soprano("checkpoint", "fetch", HF_ENDPOINT=f"http://127.0.0.1:{port}", HF_HOME=str(tmp_path))
    assert_one_sentence(result, "ekwek/Soprano-1.1-80M", f"127.0.0.1:{port}")


@pytest.mark.usefixtures("free_ports")
def test_doctor_on_a_machine_that_can_serve(checkpoint: Path) -> None:
    result = soprano("doctor", SOPRANO_CHECKPOINT=str(checkpoint), COLUMNS="200")
    assert result.returncode == 0, result.stdout
    assert "missing" not in result.stdout
    for subject in ("Python", "numpy < 2", "libpython", "tritonserver", "Python stub", "soprano-tts", "PyTorch"):
        assert subject in result.stdout


def test_doctor_finds_a_taken_port(free_ports: dict[str, int], checkpoint: Path) -> None:
    with socket.create_server(("127.0.0.1", free_ports["SOPRANO_TRITON_GRPC_PORT"])):
        result = soprano("doctor", SOPRANO_CHECKPOINT=str(checkpoint), COLUMNS="200")
    assert result.returncode == 1
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("missing")]
    assert "triton grpc port" in line
    assert "choose another with --triton-grpc-port" in line


@pytest.mark.usefixtures("free_ports")
def test_doctor_without_tritonserver(checkpoint: Path) -> None:
    result = soprano(
        "doctor", SOPRANO_CHECKPOINT=str(checkpoint), SOPRANO_TRITONSERVER="/nowhere/tritonserver", COLUMNS="200"
    )
    assert result.returncode == 1
    assert "give the path of tritonserver itself" in result.stdout


@pytest.mark.usefixtures("free_ports")
def test_doctor_says_how_to_get_a_checkpoint(tmp_path: Path) -> None:
    result = soprano("doctor", SOPRANO_CHECKPOINT="someone/something", HF_HOME=str(tmp_path), COLUMNS="200")
    assert result.returncode == 0
    assert "soprano checkpoint fetch someone/something" in result.stdout
