"""`soprano doctor` notices when another package has replaced the command `soprano`."""

import sysconfig
from pathlib import Path

import pytest

from launch import doctor
from launch.doctor import Finding, State

OURS = "#!/usr/bin/python3\nfrom launch.cli import main\nmain()\n"
UPSTREAMS = "#!/usr/bin/python3\nfrom soprano.cli import main\nmain()\n"


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of the command in an environment that has both packages."""
    monkeypatch.setattr(doctor, "_version", lambda _: "1.0")
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    return tmp_path / "soprano"


def test_our_command_is_fine(script: Path) -> None:
    script.write_text(OURS)
    assert doctor.command() == Finding("command", State.GOOD, str(script))


def test_the_command_of_soprano_tts_is_a_warning_with_a_remedy(script: Path) -> None:
    script.write_text(UPSTREAMS)
    finding = doctor.command()
    assert (finding.state, finding.detail) == (State.WARNING, f"{script} is that of soprano-tts")
    assert "pip install --no-deps -e ." in finding.remedy
    assert "soprano-triton" in finding.remedy


def test_a_command_that_was_uninstalled_with_soprano_tts_is_a_warning(script: Path) -> None:
    assert doctor.command().state is State.WARNING
    assert not script.exists()


def test_without_an_installation_there_is_no_command_to_check(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_version", lambda _: None)
    script.write_text(UPSTREAMS)
    assert doctor.command().state is State.GOOD
