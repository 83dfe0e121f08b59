import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from launch.process import ports
from launch.triton.settings import MODEL_REPOSITORY, TritonSettings
from tests.launch.serving import Serve


@pytest.fixture(autouse=True)
def own_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests have their own directories for caches and logs."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file whose text selects a fault of the stand-in model."""
    path = tmp_path / "fault"
    monkeypatch.setenv("STAND_IN_FAULT", str(path))
    return path


@pytest.fixture
def repository(tmp_path: Path, fault: Path) -> Path:  # noqa: ARG001 - the model reads its faults
    """The model repository with a stand-in for the engine; the configurations and `soprano` are the real ones."""
    path = tmp_path / "repository"
    shutil.copytree(MODEL_REPOSITORY / "soprano", path / "soprano", ignore=shutil.ignore_patterns("__pycache__"))
    model = path / "soprano_stream" / "1" / "model.py"
    model.parent.mkdir(parents=True)
    shutil.copy(MODEL_REPOSITORY / "soprano_stream" / "config.pbtxt", path / "soprano_stream")
    shutil.copy(Path(__file__).with_name("stand_in_model.py"), model)
    return path


@pytest.fixture
def triton_settings(repository: Path, tmp_path: Path) -> TritonSettings:
    """Settings for a Triton on free ports."""
    return TritonSettings(
        model_repository=repository, http_port=0, grpc_port=0, metrics_port=0, log_path=tmp_path / "triton.log"
    )


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """The files of a checkpoint that `soprano serve` itself looks at."""
    path = tmp_path / "checkpoint"
    path.mkdir()
    (path / "config.json").write_text('{"soprano_synthetic": true}')
    return path


@pytest.fixture
def no_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a hub that does not exist; nothing was downloaded from it before."""
    (port,) = ports.find_free("127.0.0.1", 1)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
    return f"http://127.0.0.1:{port}"


@pytest.fixture
def serve(repository: Path, checkpoint: Path, tmp_path: Path) -> Iterator[Serve]:
    """`soprano serve` with the stand-in model; the test starts it."""
    serve = Serve(tmp_path / "serve.txt", "--model-repository", str(repository), "--checkpoint", str(checkpoint))
    yield serve
    serve.end()
