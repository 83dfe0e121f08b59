"""`from engine import …` gives the public names, and loads PyTorch only for `Engine`."""

import subprocess
import sys

import pytest

import engine


def loads_torch(code: str) -> bool:
    """Run `code` in a new process; return whether it has loaded PyTorch."""
    program = f"import sys; {code}; print('torch' in sys.modules)"
    return (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "True\n"
    )


@pytest.mark.parametrize(
    "code",
    [
        "import engine",
        "from engine import EngineSettings",
        "from engine import EngineClient, SamplingParameters, SpeechRequest",
    ],
)
def test_pytorch_stays_unloaded(code: str) -> None:
    assert not loads_torch(code)


def test_the_engine_loads_pytorch() -> None:
    assert loads_torch("from engine import Engine")


def test_every_public_name_can_be_imported() -> None:
    assert {name: getattr(engine, name).__name__ for name in engine.__all__} == {name: name for name in engine.__all__}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'engine' has no attribute 'Motor'"):
        _ = engine.Motor  # type: ignore[attr-defined]
