"""Stand-ins for Python's and NVIDIA's images: a Debian system, to which the tritonserver of the wheel is added."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

PACKAGES = "ca-certificates,curl,python3,python3-pip,libpython3.11,libgomp1"
RELEASE = "bookworm"
_PYTHON = "3.11"  # that release's


def make_system(archive: Path) -> None:
    """Write a Debian system to a tar archive; `mmdebstrap` gets the packages from this machine's package source."""
    command = ["mmdebstrap", "--variant=minbase", f"--include={PACKAGES}", RELEASE, str(archive)]
    subprocess.run(command, check=True, capture_output=True, timeout=900)


def add_triton(root: Path) -> None:
    """Put tritonserver and its Python backend at the paths that they have in NVIDIA's image."""
    spec = importlib.util.find_spec("pytriton")
    assert spec is not None, "the wheel is not installed: run `make install`"
    assert spec.submodule_search_locations
    package = Path(spec.submodule_search_locations[0])
    server = root / "opt" / "tritonserver"
    backend = server / "backends" / "python"
    shutil.copytree(package / "tritonserver" / "bin", server / "bin", dirs_exist_ok=True)
    shutil.copytree(package / "tritonserver" / "backends" / "python", backend, dirs_exist_ok=True)
    shutil.copy(package / "tritonserver" / "python_backend_stubs" / _PYTHON / "triton_python_backend_stub", backend)
    shutil.copytree(package.parent / "nvidia_pytriton.libs", server / "lib", dirs_exist_ok=True)
