"""The whole pipeline, on little data: it writes a checkpoint with which the engine speaks."""

from dataclasses import replace
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
from voices.errors import VoiceError
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
    return Pipeline(directory, RECIPE, CPU)


def _hum(draw: np.random.Generator) -> Recording:
    pitch, seconds = draw.uniform(150, 250), draw.uniform(0.6, 1.0)
    hum = glide(pitch, pitch * draw.uniform(0.8, 1.2), seconds, SAMPLE_RATE)
    rows = int(len(hum) / SAMPLE_RATE * FEATURE_RATE)
    features = Features(draw.normal(0, 1, (rows, HIDDEN)).astype(np.float16), np.full(rows, pitch, np.float32))
    return Recording((hum + draw.normal(0, 0.01, len(hum))).astype(np.float32), features)


@pytest.fixture(scope="module")
def voice(pipeline: Pipeline) -> Path:
    """A voice that the pipeline has made."""
    pipeline.make(pipeline.directory / "voice")
    return pipeline.directory / "voice"


def test_from_clips_to_speech(pipeline: Pipeline, voice: Path) -> None:
    # After so little training it may be silent in some sentences, but not in all twenty.
    request = SpeechRequest("It hums along. " * 20, SamplingParameters(temperature=1.0, seed=1))
    with Engine(EngineSettings(checkpoint=str(voice), dtype="float32", threads=1)) as engine:
        samples = np.concatenate([chunk.samples for chunk in engine.submit(request)])
    assert engine.checkpoint == "builtin"
    assert np.isfinite(samples).all()
    assert samples.any()
    kept = AudioTokens.load(voice / "audio_tokens.pt")
    assert torch.equal(kept.centres, AudioTokens.load(pipeline.directory / "audio_tokens.pt").centres)


def test_a_training_goes_on_from_a_voice_and_its_tokens(pipeline: Pipeline, voice: Path, tmp_path: Path) -> None:
    for name in ("texts.txt", "recorded", "silent", "spectrum-predictor.pt"):
        (tmp_path / name).symlink_to(pipeline.directory / name)
    further = replace(pipeline, directory=tmp_path, recipe=replace(RECIPE, decoder_steps=1, seed=2), before=voice)
    further.make(tmp_path / "voice")
    assert (tmp_path / "voice/audio_tokens.pt").read_bytes() == (voice / "audio_tokens.pt").read_bytes()
    for name in ("language-model.pt", "decoder.pt"):
        # If a network begins anew, it is 0.02 away.
        assert _distance(tmp_path / name, pipeline.directory / name) < 0.005


def _distance(file: Path, other: Path) -> float:
    """The mean distance of the weights of two networks, discriminators and heads left out."""
    ours, theirs = (torch.load(each, weights_only=True) for each in (file, other))
    kept = [name for name in ours if name.startswith(("model.", "decoder.decoder", "decoder.head.out.weight"))]
    return float(torch.cat([(ours[name] - theirs[name]).abs().flatten() for name in kept]).mean())


def test_a_voice_without_its_tokens_is_refused(pipeline: Pipeline, tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="audio tokens"):
        replace(pipeline, before=tmp_path).make(tmp_path / "voice")
