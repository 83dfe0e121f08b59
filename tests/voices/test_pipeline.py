"""The whole pipeline, on little data: it writes a checkpoint with which the engine speaks."""

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.engine import Engine
from engine.request import SamplingParameters, SpeechRequest
from engine.settings import EngineSettings
from tests.voices.corpus.voiced import glide
from voices.corpus import clips, ragged, shards
from voices.corpus.audio_tokens import AudioTokens
from voices.corpus.teacher import FEATURE_RATE, HIDDEN, SAMPLE_RATE, Features, Recording
from voices.pipeline import Pipeline, Recipe

CPU = torch.device("cpu")
RECIPE = Recipe(
    characters=1,
    recorded=shards.SENTENCES,
    predictor_steps=3,
    predictor_batch=4,
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
    """A pipeline whose texts and clips, two shards, exist already; the recordings are hums."""
    directory = tmp_path_factory.mktemp("pipeline")
    draw = np.random.default_rng(1)
    sentences = [f"sentence {index}." for index in range(2 * shards.SENTENCES)]
    (directory / "texts.txt").write_text("\n".join(sentences))
    for name, texts in (("recorded", sentences[: shards.SENTENCES]), ("silent", sentences[shards.SENTENCES :])):
        (directory / name).mkdir()
        made = [clips.recorded_clip(text, _hum(draw)) for text in texts]
        ragged.write(directory / name / "000000.npz", [clip for clip in made if clip])
    return Pipeline(directory, RECIPE, CPU, reader=None)


def _hum(draw: np.random.Generator) -> Recording:
    pitch, seconds = draw.uniform(150, 250), draw.uniform(0.6, 1.0)
    hum = glide(pitch, pitch * draw.uniform(0.8, 1.2), seconds, SAMPLE_RATE)
    rows = int(len(hum) / SAMPLE_RATE * FEATURE_RATE)
    features = Features(draw.normal(0, 1, (rows, HIDDEN)).astype(np.float16), np.full(rows, pitch, np.float32))
    return Recording((hum + draw.normal(0, 0.01, len(hum))).astype(np.float32), features)


def test_from_clips_to_speech(pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.make(tmp_path / "voice")
    # After so little training it may be silent in some sentences, but not in all twenty.
    request = SpeechRequest("It hums along. " * 20, SamplingParameters(temperature=1.0, seed=1))
    with Engine(EngineSettings(checkpoint=str(tmp_path / "voice"), dtype="float32", threads=1)) as engine:
        samples = np.concatenate([chunk.samples for chunk in engine.submit(request)])
    assert engine.checkpoint == "builtin"
    assert np.isfinite(samples).all()
    assert samples.any()
    kept = AudioTokens.load(tmp_path / "voice" / "audio_tokens.pt")
    assert torch.equal(kept.centres, AudioTokens.load(pipeline.directory / "audio_tokens.pt").centres)
