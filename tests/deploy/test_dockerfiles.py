"""The Dockerfiles, checked without building them."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from engine.checkpoint.files import BUILTIN_DIRECTORY, DEFAULT_CHECKPOINT
from tests.deploy.manifests import PROJECT

DOCKERFILES = ["Dockerfile.triton", "Dockerfile.proxy"]
HADOLINT = str(Path(sys.executable).with_name("hadolint"))


@pytest.mark.parametrize("name", DOCKERFILES)
def test_the_linter_finds_nothing(name: str) -> None:
    done = subprocess.run([HADOLINT, name], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


@pytest.mark.parametrize("name", DOCKERFILES)
def test_what_is_copied_is_in_the_context(name: str) -> None:
    ignored = (PROJECT / ".dockerignore").read_text().splitlines()
    copied = re.findall(r"^COPY (?!--from)(\S+) ", (PROJECT / name).read_text(), re.M)
    assert copied
    for source in copied:
        assert f"!{source}" in ignored
        assert (PROJECT / source).exists()


def test_tritons_image_names_its_checkpoint() -> None:
    dockerfile = (PROJECT / "Dockerfile.triton").read_text()
    assert f"ENV SOPRANO_CHECKPOINT=${{WEIGHTS:-{DEFAULT_CHECKPOINT}}}" in dockerfile


def test_the_built_in_voice_is_in_tritons_image() -> None:
    voice = BUILTIN_DIRECTORY.relative_to(PROJECT)
    assert f"\nCOPY {voice} {voice}\n" in (PROJECT / "Dockerfile.triton").read_text()


@pytest.mark.parametrize(("name", "extra"), [("Dockerfile.triton", "engine"), ("Dockerfile.proxy", "proxy")])
def test_the_requirements_are_the_projects_own(name: str, extra: str, tmp_path: Path) -> None:
    """The program in the Dockerfile prints the requirements of pyproject.toml."""
    (program,) = re.findall(r'^RUN python3 -c "(.*?)" > /requirements.txt', (PROJECT / name).read_text(), re.M | re.S)
    (tmp_path / "pyproject.toml").write_bytes((PROJECT / "pyproject.toml").read_bytes())
    code = program.replace("\\\n", "")
    said = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    wanted = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["optional-dependencies"][extra]
    assert set(wanted) <= set(said.stdout.splitlines())
