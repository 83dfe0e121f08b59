import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from launch.errors import CannotWrite, LibpythonNotFound, StubNotFound, TritonNotFound
from launch.triton import installation
from launch.triton.installation import PYTHON, find_binary, find_installation, find_libpython, find_stub


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """An installation with the container's layout, whose stub is for an old Python."""
    binary = tmp_path / "opt" / "bin" / "tritonserver"
    stub = tmp_path / "opt" / "backends" / "python" / "triton_python_backend_stub"
    for program in (binary, stub):
        program.parent.mkdir(parents=True)
        program.write_bytes(b"\x7fELF... libpython3.8.so.1.0 ...")
        program.chmod(0o755)
    return binary


def test_the_wheel_is_found() -> None:
    found = find_installation({})
    assert "pytriton" in str(found.binary)
    assert PYTHON in str(found.stub)


def test_the_setting_comes_first(elsewhere: Path) -> None:
    assert find_binary({"SOPRANO_TRITONSERVER": str(elsewhere)}) == elsewhere


def test_the_container_comes_before_the_wheel(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "CONTAINER_BINARY", elsewhere)
    assert find_binary({}) == elsewhere


def test_the_path_comes_before_the_wheel(elsewhere: Path) -> None:
    assert find_binary({"PATH": str(elsewhere.parent)}) == elsewhere


def test_a_setting_that_does_not_name_a_program(tmp_path: Path) -> None:
    with pytest.raises(TritonNotFound, match=f"SOPRANO_TRITONSERVER={tmp_path} is not a program"):
        find_binary({"SOPRANO_TRITONSERVER": str(tmp_path)})


def test_no_tritonserver_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(TritonNotFound, match="pip install --no-deps nvidia-pytriton"):
        find_binary({})


def test_a_stub_for_another_python_only(elsewhere: Path) -> None:
    with pytest.raises(StubNotFound, match=rf"no Python backend for Python {PYTHON} \(it has: 3\.8\)"):
        find_stub(elsewhere)


def test_a_containers_own_stub_is_used_where_it_is(elsewhere: Path) -> None:
    stub = elsewhere.parent.parent / "backends" / "python" / "triton_python_backend_stub"
    stub.write_bytes(f"libpython{PYTHON}.so.1.0".encode())
    found = find_installation({"SOPRANO_TRITONSERVER": str(elsewhere)})
    assert found.backend_directory() == elsewhere.parent.parent / "backends"


def test_no_libpython(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "LIBPYTHON", "libpython9.9.so.1.0")
    with pytest.raises(LibpythonNotFound, match=r"libpython9\.9\.so\.1\.0.*apt-get install"):
        find_libpython()


def test_backend_directory_holds_the_backend_and_the_stub() -> None:
    python = find_installation({}).backend_directory() / "python"
    assert {"libtriton_python.so", "triton_python_backend_utils.py", "triton_python_backend_stub"} <= {
        path.name for path in python.iterdir() if path.exists()
    }


def test_backend_directory_is_repaired() -> None:
    found = find_installation({})
    stub = found.backend_directory() / "python" / "triton_python_backend_stub"
    stub.unlink()
    stub.symlink_to("/nowhere")
    found.backend_directory()
    assert stub.resolve() == found.stub


def test_backend_directory_is_made_by_several_processes_at_once() -> None:
    found = find_installation({})
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: found.backend_directory(), range(32)))) == 1


def test_backend_directory_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(CannotWrite, match="set XDG_CACHE_HOME"):
        find_installation({}).backend_directory()


def test_environment_puts_the_search_paths_in_front() -> None:
    found = find_installation({})
    environment = found.environment({"PATH": "/their/bin", "LD_LIBRARY_PATH": "/their/lib", "OTHER": "1"})
    assert environment["PATH"] == f"{Path(sys.executable).parent}{os.pathsep}/their/bin"
    libraries = environment["LD_LIBRARY_PATH"].split(os.pathsep)
    assert Path(libraries[0]).name == "nvidia_pytriton.libs"
    assert str(find_libpython().parent) in libraries
    assert libraries[-1] == "/their/lib"
    assert environment["OTHER"] == "1"
