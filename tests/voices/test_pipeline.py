"""The whole pipeline, on little data: it writes a checkpoint with which the engine speaks."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.engine import Engine
from engine.request import SamplingParameters, SpeechRequest
from engine.settings import EngineSettings
from tests.voices.corpus.voiced import glide
from voices.corpus import clips, shards
from voices.corpus.teacher import SAMPLE_RATE
from voices.pipeline import Pipeline, Recipe

CPU = torch.device("cpu")
RECIPE = Recipe(
    characters=1,
    epochs=1,
    batch_tokens=4000,
    decoder_steps=3,
    adversarial_steps=1,
    decoder_batch=4,
    held_out=20,
    evaluation_batches=1,
    seed=1,
)


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """A pipeline whose texts and recordings, one shard, exist already; the recordings are hums."""
    directory = tmp_path_factory.mktemp("pipeline")
    (directory / "clips").mkdir()
    draw = np.random.default_rng(1)
    sentences = [f"sentence {index}." for index in range(shards.SENTENCES)]
    (directory / "texts.txt").write_text("\n".join(sentences))
    clips.write(directory / "clips" / "000000.npz", [clips.clip(text, _hum(draw)) for text in sentences])
    return Pipeline(directory, RECIPE, CPU, reader=None)


def _hum(draw: np.random.Generator) -> NDArray[np.int16]:
    pitch, seconds = draw.uniform(150, 250), draw.uniform(0.6, 1.0)
    hum = glide(pitch, pitch * draw.uniform(0.8, 1.2), seconds, SAMPLE_RATE)
    return (32767 * hum + draw.normal(0, 300, len(hum))).astype(np.int16)


def test_from_clips_to_speech(pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.make(tmp_path / "voice")
    # After so little training it may be silent in some sentences, but not in all twenty.
    request = SpeechRequest("It hums along. " * 20, SamplingParameters(temperature=1.0, seed=1))
    with Engine(EngineSettings(checkpoint=str(tmp_path / "voice"), dtype="float32", threads=1)) as engine:
        samples = np.concatenate([chunk.samples for chunk in engine.submit(request)])
    assert engine.checkpoint == "builtin"
    assert np.isfinite(samples).all()
    assert samples.any()
