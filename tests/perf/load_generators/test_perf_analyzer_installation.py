"""Setting up perf_analyzer from hand-made wheels, which the real pip gets from a folder."""

import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from launch.directories import cache_directory
from launch.errors import CannotWrite
from perf.load_generators.perf_analyzer_installation import PerfAnalyzerNotFound, find_installation

PRINTS = "#!/bin/sh\necho 'Perf Analyzer Version  (commit unknown)'\n"


@pytest.fixture(autouse=True)
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of pip's wheels, with an empty cache and a PATH without perf_analyzer."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", os.defpath)
    machine_with_glibc("2.36", monkeypatch)
    return folder


def machine_with_glibc(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.libc_ver", lambda: ("glibc", version))
    monkeypatch.setattr("platform.machine", lambda: "x86_64")


def write_wheel(index: Path, name: str, tag: str, program: str) -> None:
    """Write a wheel that contains only `program`."""
    distribution, version = name.split("-")
    information = f"{name}.dist-info"
    with zipfile.ZipFile(index / f"{name}-py3-none-{tag}.whl", "w") as wheel:
        wheel.writestr(program, PRINTS)
        wheel.writestr(f"{information}/METADATA", f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        wheel.writestr(f"{information}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-{tag}\n")
        wheel.writestr(f"{information}/RECORD", "")


def write_old_wheel(index: Path) -> None:
    program = "tritonclient-2.49.0.data/data/bin/perf_analyzer"
    write_wheel(index, "tritonclient-2.49.0", "manylinux1_x86_64", program)


def put_on_path(folder: Path, queue: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = folder / "bin" / "perf_analyzer"
    program.parent.mkdir()
    program.write_text(queue)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.defpath}")
    return program


def test_program_on_the_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = put_on_path(tmp_path, "#!/bin/sh\necho 'Perf Analyzer Version 2.60.0 (commit abc)'\n", monkeypatch)
    installation = find_installation()
    assert installation.binary == program
    assert installation.environment == {}
    assert installation.version() == "Perf Analyzer Version 2.60.0 (commit abc)"


def test_program_on_the_path_that_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_on_path(tmp_path, "#!/bin/sh\necho 'libb64.so.0d: not found'\nexit 127\n", monkeypatch)
    with pytest.raises(PerfAnalyzerNotFound, match=r"does not run \(libb64\.so\.0d: not found\): repair it"):
        find_installation()


def test_old_glibc_gets_the_old_wheel_and_its_libraries(index: Path) -> None:
    write_old_wheel(index)
    installation = find_installation()
    assert installation.version() == "tritonclient 2.49.0's"
    libraries = Path(installation.environment["LD_LIBRARY_PATH"])
    assert {path.name for path in libraries.iterdir()} == {"libb64.so.0d", "libcudart.so.12"}
    assert all(path.read_bytes().startswith(b"\x7fELF") for path in libraries.iterdir())


def test_new_glibc_gets_the_new_wheel(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine_with_glibc("2.38", monkeypatch)
    write_wheel(index, "perf_analyzer-2.60.0", "manylinux_2_38_x86_64", "perf_analyzer/bin/perf_analyzer")
    installation = find_installation()
    assert installation.version() == "perf-analyzer 2.60.0's"
    assert installation.environment == {}


@pytest.mark.parametrize("library", ["glibc", ""])
def test_machine_that_no_wheel_runs_on(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.libc_ver", lambda: (library, "2.31" if library else ""))
    with pytest.raises(PerfAnalyzerNotFound, match=r"glibc 2\.34 or newer, or NVIDIA's Triton SDK container"):
        find_installation()


def test_search_path_of_the_user_stays_behind_the_libraries(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_old_wheel(index)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/theirs")
    assert find_installation().environment["LD_LIBRARY_PATH"].endswith("/libraries:/theirs")


def test_it_is_set_up_once(index: Path) -> None:
    write_old_wheel(index)
    first = find_installation()
    next(index.glob("*.whl")).unlink()
    assert find_installation() == first


def test_several_may_set_it_up_at_once(index: Path) -> None:
    write_old_wheel(index)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: find_installation(), range(2))
    assert first == second
    assert [path.name for path in cache_directory().iterdir()] == ["tritonclient-2.49.0"]


def test_pip_that_finds_nothing() -> None:
    with pytest.raises(
        PerfAnalyzerNotFound, match=r"cannot download tritonclient==2\.49\.0 \(ERROR: .*\): check that pip"
    ):
        find_installation()


def test_wheel_without_the_program_leaves_nothing_behind(index: Path) -> None:
    write_wheel(index, "tritonclient-2.49.0", "manylinux1_x86_64", "tritonclient/__init__.py")
    with pytest.raises(PerfAnalyzerNotFound, match=r"no perf_analyzer in tritonclient-2\.49\.0"):
        find_installation()
    assert list(cache_directory().iterdir()) == []


def test_libraries_that_are_not_there(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_old_wheel(index)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(PerfAnalyzerNotFound, match=r"needs libb64\.so\.0d.*make install"):
        find_installation()


def test_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(CannotWrite, match="set XDG_CACHE_HOME"):
        find_installation()


def test_full_cache(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_old_wheel(index)

    def copy(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", copy)
    with pytest.raises(PerfAnalyzerNotFound, match=r"\(No space left on device\): make room there"):
        find_installation()
