"""Complete checkpoints load; any other gives an error of one clear sentence."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from soprano.vocos.decoder import SopranoDecoder

from engine.checkpoint.load import load, verify
from engine.engine import Engine
from engine.errors import CheckpointError
from engine.request import SpeechRequest
from engine.settings import EngineSettings


@pytest.fixture
def copy(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_checkpoint, tmp_path / "copy"))


def truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:5000])


def rewrite_config(path: Path, **entries: object) -> None:
    file = path / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | entries))


def drop_tensor(path: Path) -> None:
    tensors = load_file(path / "model.safetensors")
    del tensors["model.layers.1.mlp.up_proj.weight"]
    save_file(tensors, path / "model.safetensors")


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "no config": (lambda path: (path / "config.json").unlink(), r"lacks config\.json"),
    "no decoder": (lambda path: (path / "decoder.pth").unlink(), r"lacks decoder\.pth"),
    "several missing": (
        lambda path: [(path / name).unlink() for name in ("tokenizer.json", "model.safetensors")],  # type: ignore[func-returns-value]
        r"lacks model\.safetensors, tokenizer\.json",
    ),
    "config is no JSON": (lambda path: (path / "config.json").write_text("{"), r"config\.json is not JSON"),
    "another model": (lambda path: rewrite_config(path, model_type="llama"), "'llama'; Soprano is a 'qwen3'"),
    "an unsupported variant": (lambda path: rewrite_config(path, attention_bias=True), "sets attention_bias"),
    "an entry missing": (lambda path: rewrite_config(path, hidden_size=None), "no usable entry"),
    "weights cut short": (lambda path: truncate(path / "model.safetensors"), r"model\.safetensors is damaged"),
    "decoder cut short": (lambda path: truncate(path / "decoder.pth"), r"decoder\.pth is damaged"),
    "tensor missing": (drop_tensor, r"no tensor 'model\.layers\.1\.mlp\.up_proj\.weight'"),
    "shapes differ": (lambda path: rewrite_config(path, intermediate_size=300), "has shape .* asks for"),
    "tokenizer of nothing": (lambda path: (path / "tokenizer.json").write_text("{}"), "is not a tokenizer"),
    "tokenizer too large": (lambda path: rewrite_config(path, vocab_size=100), "has shape"),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_damage_is_one_sentence_that_names_the_file_and_the_remedy(case: str, copy: Path) -> None:
    damage, expected = DAMAGE[case]
    damage(copy)
    with pytest.raises(CheckpointError, match=expected) as raised:
        load(copy, dtype=torch.float32, device=torch.device("cpu"))
    assert "soprano checkpoint fetch" in str(raised.value)
    assert "\n" not in str(raised.value)


class Code:
    """An object whose unpickling runs a program."""

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.mkdir, ("ran",)  # type: ignore[return-value]


def test_a_checkpoint_runs_no_code(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copy)
    torch.save({"weight": Code()}, copy / "decoder.pth")
    with pytest.raises(CheckpointError, match=r"decoder\.pth is damaged"):
        load(copy, dtype=torch.float32, device=torch.device("cpu"))
    assert not (copy / "ran").exists()


def test_a_decoder_of_another_checkpoint_is_refused(copy: Path) -> None:
    state = torch.load(copy / "decoder.pth", weights_only=True)
    state["decoder.embed.weight"] = state["decoder.embed.weight"][:, :256]
    torch.save(state, copy / "decoder.pth")
    with pytest.raises(CheckpointError, match="belong to different checkpoints"):
        load(copy, dtype=torch.float32, device=torch.device("cpu"))


def test_the_weights_arrive_in_the_precision_asked_for(tiny_checkpoint: Path) -> None:
    checkpoint = load(tiny_checkpoint, dtype=torch.bfloat16, device=torch.device("cpu"))
    assert checkpoint.language_model.head.dtype == torch.bfloat16
    assert checkpoint.decoder.embed.weight.dtype == torch.bfloat16
    assert checkpoint.decoder.head.dtype == torch.float32


def test_transformers_5_writes_rope_elsewhere(copy: Path) -> None:
    rewrite_config(copy, rope_parameters={"rope_type": "default", "rope_theta": 5000})
    assert load(copy, dtype=torch.float32, device=torch.device("cpu")).config.rope_theta == 5000


def test_verify_says_what_a_checkpoint_is(small_checkpoint: Path) -> None:
    summary = verify(small_checkpoint)
    assert summary.name == "synthetic"
    assert summary.decoder_parameters == 30_352_642  # as published


def test_the_first_release_loads_as_well(copy: Path) -> None:
    decoder = SopranoDecoder(decoder_dim=512, decoder_intermediate_dim=1536)
    decoder.decoder.embed = torch.nn.Conv1d(512, 512, kernel_size=3, padding=1)
    torch.save(decoder.state_dict(), copy / "decoder.pth")
    rewrite_config(copy, soprano_synthetic=False)
    summary = verify(copy)
    assert summary.name == "Soprano-80M"
    with Engine(EngineSettings(checkpoint=str(copy), dtype="float32", threads=1)) as engine:
        (chunk,) = engine.submit(SpeechRequest("Hello you.", whole=True))
    assert len(chunk.samples) == (chunk.audio_tokens - 1) * 2048


def test_the_second_release_is_known_by_its_size(small_checkpoint: Path, tmp_path: Path) -> None:
    published = Path(shutil.copytree(small_checkpoint, tmp_path / "published"))
    rewrite_config(published, soprano_synthetic=False)
    assert verify(published).name == "Soprano-1.1-80M"


@pytest.mark.parametrize(
    ("marks", "name"),
    [
        ({}, "Soprano"),
        ({"soprano_synthetic": True}, "synthetic"),
        ({"soprano_builtin": True}, "builtin"),
    ],
)
def test_the_name_is_reported_to_clients(copy: Path, marks: dict[str, bool], name: str) -> None:
    rewrite_config(copy, **{"soprano_synthetic": False, **marks})
    with Engine(EngineSettings(checkpoint=str(copy), dtype="float32", threads=1)) as engine:
        assert engine.checkpoint == name
