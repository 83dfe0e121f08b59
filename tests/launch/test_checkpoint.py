"""The checkpoints that the commands accept, and what the commands print about them."""

import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from engine.checkpoint.files import DEFAULT_CHECKPOINT
from engine.checkpoint.hub import REQUIRED_FILES
from launch import console
from launch.checkpoint import Checkpoint, announce, locate
from tests.engine.checkpoint.hub_server import COMMIT, HubServer
from tests.engine.machine import Machine
from tests.launch.serving import Serve, assert_one_sentence, soprano


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("synthetic", "soprano: warning: this checkpoint is synthetic: it makes noise, not speech"),
        ("builtin", "soprano: checkpoint: builtin, the small built-in voice"),
        ("someone/something", "soprano: checkpoint: someone/something"),
    ],
)
def test_one_line_says_which_checkpoint_is_used(name: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    announce(Checkpoint(name, Path("/somewhere")))
    assert capsys.readouterr().err == f"{line}\n"


def test_a_directory_is_named_by_its_mark_or_its_path(checkpoint: Path, builtin: Path, tmp_path: Path) -> None:
    assert locate(str(checkpoint)) == Checkpoint("synthetic", checkpoint)
    assert locate(str(builtin)) == Checkpoint("builtin", builtin)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "config.json").write_text("{}")
    assert locate(str(tmp_path / "own")) == Checkpoint(str(tmp_path / "own"), tmp_path / "own")


def test_published_weights_are_named_with_their_commit(tmp_path: Path) -> None:
    files = dict.fromkeys(REQUIRED_FILES, b"{}")
    program = "import sys; from launch.checkpoint import locate, announce; announce(locate(sys.argv[1]))"
    with HubServer(DEFAULT_CHECKPOINT, files) as hub:
        machine = Machine(tmp_path, hub)
        for name in ("auto", DEFAULT_CHECKPOINT, f"{DEFAULT_CHECKPOINT}@main", f"{DEFAULT_CHECKPOINT}@{COMMIT}"):
            result = machine.run(program, name, XDG_CACHE_HOME=str(tmp_path))
            assert result.stderr == f"soprano: checkpoint: {DEFAULT_CHECKPOINT}@{COMMIT}\n"


def test_the_log_of_the_engine_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    console.show_log("engine.of_a_test")
    logging.getLogger("engine.of_a_test.part").info("so far")
    logging.getLogger("engine.of_a_test.part").warning("so bad")
    assert capsys.readouterr().err == "soprano: so far\nsoprano: warning: so bad\n"


@pytest.fixture
def serve_anything(repository: Path, builtin: Path, tmp_path: Path) -> Iterator[Serve]:
    """The real `soprano serve`, except for the engine and the built-in voice."""
    serve = Serve(tmp_path / "serve.txt", f"--model-repository={repository}", builtin=builtin)
    yield serve
    serve.end()


def test_without_a_hub_the_first_run_uses_the_built_in_voice_and_says_why(serve_anything: Serve, no_hub: str) -> None:
    serve_anything.start().until_ready()
    lines = serve_anything.output().splitlines()
    (why,) = [line for line in lines if line.startswith("soprano: warning: ")]
    assert "the built-in voice is used instead of the published checkpoint" in why
    assert f"ekwek/Soprano-1.1-80M could not be fetched from {no_hub} (" in why
    assert "soprano: checkpoint: builtin, the small built-in voice" in lines
    body = {"model": "soprano", "input": "Hi."}
    assert httpx.post(f"{serve_anything.url}/v1/audio/speech", json=body).status_code == 200


@pytest.mark.usefixtures("no_hub")
def test_the_built_in_voice_by_its_name(serve_anything: Serve) -> None:
    serve_anything.start("--checkpoint=builtin").until_ready()
    assert "soprano: checkpoint: builtin, the small built-in voice\n" in serve_anything.output()
    assert "warning" not in serve_anything.output()


@pytest.mark.parametrize("command", ["serve", "triton"])
def test_a_checkpoint_that_was_named_is_never_replaced(command: str, builtin: Path, no_hub: str) -> None:
    result = soprano(command, "--checkpoint=ekwek/Soprano-1.1-80M", builtin=builtin)
    assert_one_sentence(result, f"ekwek/Soprano-1.1-80M could not be fetched from {no_hub}", "name `builtin`")


def test_the_built_in_voice_needs_no_download(builtin: Path, no_hub: str) -> None:
    result = soprano("checkpoint", "fetch", "builtin", builtin=builtin)
    assert result.stdout.strip() == str(builtin), no_hub


def test_the_built_in_voice_can_be_verified(tiny_checkpoint: Path) -> None:
    result = soprano("checkpoint", "verify", "builtin", builtin=tiny_checkpoint)
    assert result.stdout.startswith(f"{tiny_checkpoint}: synthetic (random weights: noise, not speech), ")


@pytest.mark.usefixtures("no_hub")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("builtin", "the built-in voice, "),
        ("auto", "ekwek/Soprano-1.1-80M is not fetched; if it cannot be, the built-in voice speaks"),
    ],
)
def test_the_doctor_accepts_the_built_in_voice(name: str, words: str, builtin: Path) -> None:
    result = soprano("doctor", f"--checkpoint={name}", builtin=builtin, COLUMNS="300")
    (line,) = [line for line in result.stdout.splitlines() if "checkpoint" in line]
    assert line.startswith("ok")
    assert words in line


def test_the_doctor_reports_a_missing_built_in_voice(tmp_path: Path) -> None:
    result = soprano("doctor", "--checkpoint=builtin", builtin=tmp_path / "nowhere", COLUMNS="300")
    (line,) = [line for line in result.stdout.splitlines() if "checkpoint" in line]
    assert line.startswith("missing")
    assert result.returncode == 1
