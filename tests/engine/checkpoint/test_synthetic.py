"""Synthetic checkpoints load, end sentences at a speech-like length, and never overwrite a path."""

import os
from pathlib import Path

import pytest
import torch
from soprano.vocos.decoder import SopranoDecoder

from engine.checkpoint.synthetic import write_synthetic
from engine.engine import Engine
from engine.errors import CheckpointError
from tests.engine.conftest import speak


def test_the_length_follows_the_text(engine: Engine) -> None:
    lengths = [len(speak(engine, text)) for text in ("Hello you.", "A sentence that is longer.", "word " * 20)]
    assert 0.3 * 32000 < lengths[0] < lengths[1] < lengths[2] < 20 * 32000


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    write_synthetic(tmp_path / "one", "tiny", seed=3)
    write_synthetic(tmp_path / "two", "tiny", seed=3)
    for name in ("model.safetensors", "tokenizer.json", "config.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_an_existing_path_is_left_alone(tiny_checkpoint: Path) -> None:
    with pytest.raises(CheckpointError, match="exists already"):
        write_synthetic(tiny_checkpoint, "tiny")


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "rename", full_disk)
    with pytest.raises(CheckpointError, match="No space left on device"):
        write_synthetic(tmp_path / "new", "tiny")
    assert list(tmp_path.iterdir()) == []


def test_the_decoder_is_laid_out_as_upstreams(small_checkpoint: Path) -> None:
    ours = torch.load(small_checkpoint / "decoder.pth", weights_only=True)
    theirs = SopranoDecoder().state_dict()
    assert {name: tensor.shape for name, tensor in ours.items()} == {name: t.shape for name, t in theirs.items()}
    assert torch.equal(ours["head.istft.window"], theirs["head.istft.window"])
