"""Settings are read from the environment and validated."""

import pytest
import torch

from engine.errors import InvalidSettings
from engine.runtime.device import torch_device, torch_dtype
from engine.settings import EngineSettings


def test_the_environment_sets_every_field() -> None:
    settings = EngineSettings.from_environment(
        {"SOPRANO_CHECKPOINT": "here", "SOPRANO_SLOTS": "7", "SOPRANO_BUFFERED_SECONDS": "2.5", "OTHER": "x"}
    )
    assert (settings.checkpoint, settings.slots, settings.buffered_seconds) == ("here", 7, 2.5)


def test_overrides_win_over_the_environment() -> None:
    assert EngineSettings.from_environment({"SOPRANO_SLOTS": "7"}, {"slots": "9"}).slots == 9


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SOPRANO_SLOTS", "0", "SOPRANO_SLOTS must be at least 1"),
        ("SOPRANO_SLOTS", "many", "SOPRANO_SLOTS='many' is not a number"),
        ("SOPRANO_DTYPE", "int4", "SOPRANO_DTYPE must be"),
        ("SOPRANO_BUFFERED_SECONDS", "-1", "SOPRANO_BUFFERED_SECONDS must be positive"),
        ("SOPRANO_CHUNK_WAIT", "0", "SOPRANO_CHUNK_WAIT must be positive"),
        ("SOPRANO_MAX_WAIT", "0", "SOPRANO_MAX_WAIT must be positive"),
        ("SOPRANO_FIRST_AUDIO_DEADLINE", "0", "SOPRANO_FIRST_AUDIO_DEADLINE must be positive"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, message: str) -> None:
    with pytest.raises(InvalidSettings, match=message):
        EngineSettings.from_environment({name: value})


@pytest.mark.parametrize("device", ["tpu", "nonsense", "meta"])
def test_an_unknown_device_is_refused(device: str) -> None:
    with pytest.raises(InvalidSettings, match=f"SOPRANO_DEVICE={device}"):
        torch_device(device)


def test_a_missing_gpu_is_named() -> None:
    with pytest.raises(InvalidSettings, match="PyTorch finds no such GPU"):
        torch_device("cuda:99")


def test_an_explicit_precision_is_used() -> None:
    assert torch_dtype("float32", torch.device("cpu")) == torch.float32
    assert torch_dtype("bfloat16", torch.device("cpu")) == torch.bfloat16
