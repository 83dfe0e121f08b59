import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.checkpoint.synthetic import write_synthetic
from tests.images.buildah import Buildah
from tests.images.pip_settings import PipSettings
from tests.images.stand_in_base import add_triton, make_system

PROGRAMS = ("buildah", "mmdebstrap")


@pytest.fixture(scope="session")
def buildah(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Buildah]:
    """An empty store of images, with access to this machine's source of pip packages."""
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    assert not missing, f"images are built with {' and '.join(PROGRAMS)}: apt-get install {' '.join(missing)}"
    directory = tmp_path_factory.mktemp("images")
    pip = PipSettings.of_this_machine()
    configuration = directory / "pip.conf"
    configuration.write_text(pip.configuration)
    store = Buildah(directory, {configuration: "/etc/pip.conf", **{path: str(path) for path in pip.paths}})
    yield store
    store.run("rmi", "--all", "--force")


@pytest.fixture(scope="session")
def python_base(buildah: Buildah, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A stand-in for Python's image."""
    archive = tmp_path_factory.mktemp("system") / "system.tar"
    make_system(archive)
    buildah.import_archive(archive, "stand-in-python")
    return "stand-in-python"


@pytest.fixture(scope="session")
def triton_base(buildah: Buildah, python_base: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A stand-in for NVIDIA's image."""
    root = tmp_path_factory.mktemp("triton")
    add_triton(root)
    buildah.add_directory(python_base, root, "stand-in-triton")
    return "stand-in-triton"


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("checkpoint") / "tiny"
    write_synthetic(path, "tiny")
    # The images do not run as root.
    for each in (path.parent, path):
        each.chmod(0o755)
    return path
