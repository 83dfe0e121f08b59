"""The names of checkpoints, and the directories that they resolve to."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.checkpoint import files as checkpoint_files
from engine.checkpoint.files import DEFAULT_CHECKPOINT, commit_of, mark
from engine.checkpoint.hub import REQUIRED_FILES
from engine.checkpoint.locate import resolve
from engine.engine import Engine
from engine.errors import CheckpointError
from engine.settings import EngineSettings
from tests.engine.checkpoint.hub_server import COMMIT, HubServer, Refusal
from tests.engine.machine import Machine

RESOLVE = """
import logging, sys
from dataclasses import replace
from pathlib import Path
from engine.checkpoint import files as checkpoint_files, locate
from engine.errors import CheckpointError

logging.basicConfig(format="%(levelname)s %(message)s")
name, builtin, timeout = sys.argv[1:]
checkpoint_files.BUILTIN_DIRECTORY, locate.AUTO_TIMEOUT = Path(builtin), float(timeout)
locate.AUTO_MINIMUM_RATE = replace(locate.AUTO_MINIMUM_RATE, seconds=2.0)
try:
    print(locate.resolve(name))
except CheckpointError as error:
    print(error)
    sys.exit(3)
"""


@dataclass(frozen=True)
class Resolved:
    """The result of a name: a directory or an error, and the log."""

    said: str
    failed: bool
    log: str


@dataclass(frozen=True)
class NamingMachine(Machine):
    """A machine with a built-in voice."""

    builtin: Path

    def resolve(self, name: str, timeout: float = 10.0, **settings: str) -> Resolved:
        result = self.run(RESOLVE, name, str(self.builtin), str(timeout), before=(), **settings)
        assert result.returncode in (0, 3), result.stderr
        return Resolved(result.stdout.strip(), bool(result.returncode), result.stderr)


@pytest.fixture
def machine(tmp_path: Path, builtin: Path) -> Iterator[NamingMachine]:
    with HubServer(DEFAULT_CHECKPOINT, {name: name.encode() for name in REQUIRED_FILES}) as hub:
        yield NamingMachine(tmp_path, hub, builtin)


def test_a_directory_stands_for_itself(tiny_checkpoint: Path) -> None:
    assert resolve(str(tiny_checkpoint)) == tiny_checkpoint


@pytest.mark.parametrize("name", ["/no/such/place", "./nowhere", "nowhere", "a/b/c"])
def test_a_missing_directory_is_not_asked_of_the_hub(name: str) -> None:
    with pytest.raises(CheckpointError, match="there is no checkpoint directory"):
        resolve(name)


@pytest.mark.parametrize(
    ("config", "name"),
    [({}, ""), ({"soprano_builtin": True}, "builtin"), ({"soprano_synthetic": True}, "synthetic")],
)
def test_a_checkpoint_says_if_it_is_no_published_one(tmp_path: Path, config: dict[str, bool], name: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert mark(tmp_path) == name


# builtin


def test_builtin_is_the_built_in_voice(monkeypatch: pytest.MonkeyPatch, tiny_checkpoint: Path) -> None:
    monkeypatch.setattr(checkpoint_files, "BUILTIN_DIRECTORY", tiny_checkpoint)
    with Engine(EngineSettings.from_environment({"SOPRANO_CHECKPOINT": "builtin"})) as engine:
        assert engine.checkpoint == "synthetic"


def test_builtin_is_no_directory_of_that_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tiny_checkpoint: Path
) -> None:
    monkeypatch.setattr(checkpoint_files, "BUILTIN_DIRECTORY", tiny_checkpoint)
    (tmp_path / "builtin").mkdir()
    monkeypatch.chdir(tmp_path)
    assert resolve("builtin") == tiny_checkpoint
    assert resolve("./builtin") == Path("builtin")


def test_a_missing_built_in_voice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(checkpoint_files, "BUILTIN_DIRECTORY", tmp_path / "nowhere")
    with pytest.raises(CheckpointError, match=r"there is no voice in .*nowhere"):
        resolve("builtin")


def test_builtin_asks_no_hub(machine: NamingMachine) -> None:
    assert machine.resolve("builtin") == Resolved(str(machine.builtin), failed=False, log="")
    assert not machine.hub.requests


# OWNER/NAME@REVISION


@pytest.mark.parametrize("revision", ["main", COMMIT])
def test_a_revision_is_fetched_and_its_commit_is_told(machine: NamingMachine, revision: str) -> None:
    resolved = machine.resolve(f"{DEFAULT_CHECKPOINT}@{revision}")
    assert not resolved.failed
    assert commit_of(Path(resolved.said)) == COMMIT


def test_a_revision_that_is_not_there_is_named(machine: NamingMachine) -> None:
    assert "has no revision 'v9'" in machine.resolve(f"{DEFAULT_CHECKPOINT}@v9").said


def test_a_directory_has_no_commit(tmp_path: Path) -> None:
    assert commit_of(tmp_path) is None


# auto


def test_auto_fetches_the_published_weights(machine: NamingMachine) -> None:
    resolved = machine.resolve("auto")
    assert Path(resolved.said).is_relative_to(machine.home / "hf")
    assert {file.name for file in Path(resolved.said).iterdir()} == set(REQUIRED_FILES)
    assert resolved.log == ""


def test_auto_uses_what_is_here_and_asks_no_hub(machine: NamingMachine) -> None:
    fetched = machine.resolve("auto").said
    machine.hub.requests.clear()
    assert machine.resolve("auto") == Resolved(fetched, failed=False, log="")
    assert machine.resolve("auto", HF_HUB_OFFLINE="1") == Resolved(fetched, failed=False, log="")
    assert not machine.hub.requests


def assert_builtin_speaks(machine: NamingMachine, resolved: Resolved, why: str) -> None:
    """Check that the built-in voice was used, and that one log line says why."""
    assert (resolved.said, resolved.failed) == (str(machine.builtin), False)
    (line,) = resolved.log.splitlines()
    assert line.startswith("WARNING the built-in voice is used instead of the published checkpoint: ")
    assert why in line


@pytest.mark.parametrize("refusal", [Refusal(401), Refusal(404, "RepoNotFound"), Refusal(503)])
def test_auto_falls_back_where_the_hub_refuses(machine: NamingMachine, refusal: Refusal) -> None:
    machine.hub.refusal = refusal
    assert_builtin_speaks(machine, machine.resolve("auto"), DEFAULT_CHECKPOINT)


def test_auto_falls_back_where_nothing_answers(machine: NamingMachine) -> None:
    resolved = machine.resolve("auto", HF_ENDPOINT="http://127.0.0.1:1")
    assert_builtin_speaks(machine, resolved, "could not be fetched from http://127.0.0.1:1 (")


def test_auto_falls_back_without_a_name_server(machine: NamingMachine) -> None:
    resolved = machine.resolve("auto", HF_ENDPOINT="http://hub.invalid")
    assert_builtin_speaks(machine, resolved, "could not be fetched from http://hub.invalid (")


def test_auto_does_not_wait_long_for_a_hub_that_stays_silent(machine: NamingMachine) -> None:
    machine.hub.silence = 60
    resolved = machine.resolve("auto", timeout=0.5)
    assert_builtin_speaks(machine, resolved, "(no answer within 0.5 seconds)")


def test_auto_does_not_wait_for_a_hub_below_the_minimum_rate(machine: NamingMachine) -> None:
    machine.hub.files["model.safetensors"] = bytes(10_000_000)
    machine.hub.crawls["model.safetensors"] = 100
    assert_builtin_speaks(machine, machine.resolve("auto"), " came in 2 seconds)")


def test_auto_falls_back_offline(machine: NamingMachine) -> None:
    assert_builtin_speaks(machine, machine.resolve("auto", HF_HUB_OFFLINE="1"), "HF_HUB_OFFLINE is set and")


def test_auto_falls_back_where_there_is_no_room(machine: NamingMachine) -> None:
    (machine.home / "file").touch()
    resolved = machine.resolve("auto", HF_HOME=str(machine.home / "file"))
    assert_builtin_speaks(machine, resolved, "cannot be stored at")


def test_auto_falls_back_from_half_a_checkpoint(machine: NamingMachine) -> None:
    (Path(machine.resolve("auto").said) / "decoder.pth").unlink()
    assert_builtin_speaks(machine, machine.resolve("auto", HF_ENDPOINT="http://127.0.0.1:1"), "could not be fetched")


def test_auto_fails_without_a_built_in_voice(machine: NamingMachine) -> None:
    (machine.builtin / "config.json").unlink()
    machine.builtin.rmdir()
    resolved = machine.resolve("auto", HF_ENDPOINT="http://127.0.0.1:1")
    assert resolved.failed
    assert "could not be fetched from http://127.0.0.1:1" in resolved.said


def test_an_explicit_name_never_falls_back(machine: NamingMachine) -> None:
    resolved = machine.resolve(DEFAULT_CHECKPOINT, HF_ENDPOINT="http://127.0.0.1:1")
    assert resolved.failed
    assert "could not be fetched from http://127.0.0.1:1" in resolved.said


def test_damage_is_no_reason_to_fall_back(
    monkeypatch: pytest.MonkeyPatch, builtin: Path, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    damaged = Path(shutil.copytree(tiny_checkpoint, tmp_path / "damaged"))
    (damaged / "decoder.pth").write_bytes(b"cut")
    monkeypatch.setattr(checkpoint_files, "BUILTIN_DIRECTORY", builtin)
    monkeypatch.setattr("engine.checkpoint.hub.cached", lambda _: damaged)
    with pytest.raises(CheckpointError, match="damaged or cut short"):
        Engine(EngineSettings(checkpoint="auto"))
