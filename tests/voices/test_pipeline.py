"""The whole pipeline, on little data: it writes a checkpoint with which the engine speaks."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.engine import Engine
from engine.request import SamplingParameters, SpeechRequest
from engine.settings import EngineSettings
from voices.corpus.mel import log_mel
from voices.corpus.teacher import SAMPLE_RATE
from voices.pipeline import Pipeline, Recipe
from voices.training.model_config import AUDIO_TOKENS

CPU = torch.device("cpu")
RECORDED, HELD_OUT = 60, 20
READ = 40
RECIPE = Recipe(
    characters=1,
    recorded=RECORDED,
    epochs=1,
    batch_tokens=3000,
    decoder_steps=2,
    decoder_batch=4,
    held_out=HELD_OUT,
    evaluation_batches=1,
    seed=1,
)


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """A pipeline whose texts and recordings exist already; the recordings are hums."""
    directory = tmp_path_factory.mktemp("pipeline")
    (directory / "clips").mkdir()
    (directory / "readings").mkdir()
    draw = np.random.default_rng(1)
    sentences = [f"sentence {index}." for index in range(RECORDED + READ)]
    texts, others = sentences[:RECORDED], sentences[RECORDED:]
    audio = [_hum(draw) for _ in texts]
    mel = [log_mel(torch.from_numpy(samples.astype(np.float32) / 32768)) for samples in audio]
    (directory / "texts.txt").write_text("\n".join(sentences))
    np.savez(
        directory / "clips" / "000000.npz",
        texts=json.dumps(texts),
        audio=np.concatenate(audio),
        samples=[len(samples) for samples in audio],
        mel=torch.cat(mel).to(torch.float16).numpy(),
        tokens=[len(rows) for rows in mel],
    )
    np.savez(
        directory / "readings" / "000000.npz",
        texts=json.dumps(others),
        tokens=draw.integers(0, AUDIO_TOKENS, 10 * READ),
        lengths=[10] * READ,
    )
    return Pipeline(directory, RECIPE, CPU)


def _hum(draw: np.random.Generator) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    time = np.arange(int(SAMPLE_RATE * draw.uniform(0.4, 0.8))) / SAMPLE_RATE
    tones = sum(np.sin(2 * np.pi * draw.uniform(80, 4000) * time * (1 + time)) for _ in range(3))
    return (8000 * tones / 3 + draw.normal(0, 300, len(time))).astype(np.int16)


def test_from_clips_to_speech(pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.make(tmp_path / "voice")
    # After so little training it may be silent in some sentences, but not in all twenty.
    request = SpeechRequest("It hums along. " * 20, SamplingParameters(temperature=1.0, seed=1))
    with Engine(EngineSettings(checkpoint=str(tmp_path / "voice"), dtype="float32", threads=1)) as engine:
        samples = np.concatenate([chunk.samples for chunk in engine.submit(request)])
    assert engine.checkpoint == "builtin"
    assert np.isfinite(samples).all()
    assert samples.any()
