"""Settings are read from the environment and validated."""

from pathlib import Path

import pytest
import torch

from engine.client import EngineClient
from engine.engine import Engine
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
        ("SOPRANO_SLOTS", "-1", "SOPRANO_SLOTS must be 0 or more"),
        ("SOPRANO_SLOTS", "many", "SOPRANO_SLOTS='many' is not a number"),
        ("SOPRANO_DTYPE", "int4", "SOPRANO_DTYPE must be"),
        ("SOPRANO_BUFFERED_SECONDS", "-1", "SOPRANO_BUFFERED_SECONDS must be positive"),
        ("SOPRANO_CHUNK_WAIT", "0", "SOPRANO_CHUNK_WAIT must be positive"),
        ("SOPRANO_MAX_WAIT", "0", "SOPRANO_MAX_WAIT must be positive"),
        ("SOPRANO_TEXT", "loud", "SOPRANO_TEXT must be spoken or plain, not 'loud'"),
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


def test_the_setting_of_texts() -> None:
    assert not EngineSettings().plain
    assert EngineSettings.from_environment({"SOPRANO_TEXT": "plain"}).plain


def test_the_lexicon_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "words.toml"
    path.write_text('"nginx" = "engine x"\n')
    assert EngineSettings().read_lexicon() == ()
    assert EngineSettings.from_environment({"SOPRANO_LEXICON": str(path)}).read_lexicon() == (("nginx", "engine x"),)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "SOPRANO_LEXICON: .*words.toml cannot be read: No such file"),
        ('"a" = "b"\n"c"\n', "SOPRANO_LEXICON: .*words.toml: .*line 2"),
        ('"nginx" = 5\n', "SOPRANO_LEXICON: .*words.toml: the respelling of 'nginx' must be a string"),
    ],
)
def test_an_engine_does_not_start_with_a_wrong_lexicon(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "words.toml"
    if content is not None:
        path.write_text(content)
    settings = EngineSettings(checkpoint="/no/such/place", lexicon=str(path))
    for kind in (EngineClient, Engine):
        with pytest.raises(InvalidSettings, match=message):
            kind(settings)
