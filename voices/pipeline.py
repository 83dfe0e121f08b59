"""Trains a voice in stages. The result of each stage is saved, so that an interrupted run can continue.

The stages: texts, the teacher's recordings of some of them as clips, the predictor of spectra, clips without sound of
the others, the audio tokens, the language model, its states for the recorded clips, the decoder, the checkpoint. The
language model learns from the clips without sound only. So the states from which the decoder learns are such as it will
get: of sentences that the language model does not know.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from soprano.vocos.decoder import SopranoDecoder
from torch import Tensor

from engine.checkpoint.synthetic_tokenizer import write_tokenizer
from text.tokenizer import Tokenizer
from voices.atomic_file import atomic_write
from voices.console import say
from voices.corpus import clips, shards
from voices.corpus.audio_tokens import AudioTokens
from voices.corpus.clips import Clip, RecordedClip
from voices.corpus.held_out import is_examined
from voices.corpus.mel import BANDS, FRAMES_PER_TOKEN
from voices.corpus.texts import chosen_sentences
from voices.training import checkpoint, decoder, discriminators, language_model, model_config, spectrum_predictor
from voices.training.discriminators import AdversarialDecoder
from voices.training.language_model import Example, TrainingModel
from voices.training.loop import Metrics, TrainingRun, format_metrics
from voices.training.spectrum_predictor import SpectrumPredictor

_AUDIO_TOKENS = "audio_tokens.pt"
_NEIGHBOURS = 8  # tokens that may replace a token in the language model's input


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The sizes of the data and of the training: those of the last training of the voice in this repository."""

    characters: int = 2_785_828
    recorded: int = 3_600  # sentences of these with sound
    predictor_steps: int = 1_000
    predictor_batch: int = 8  # clips of a step of the predictor's training
    epochs: int = 4
    batch_tokens: int = 4_000  # of a step of the language model's training
    decoder_steps: int = 5_500
    adversarial_steps: int = 4_800  # of these, at the end
    decoder_batch: int = 4  # crops of a step of the decoder's training
    held_out: int = 100  # held-out sentences, on which both models are evaluated
    evaluation_batches: int = 10  # of the decoder's evaluation
    seed: int = 1


@dataclass(frozen=True)
class Pipeline:
    """The stages, over one directory of intermediate results.

    The training goes on from the voice in `before`, and keeps its audio tokens, or begins with nothing.
    """

    directory: Path
    recipe: Recipe
    device: torch.device
    before: Path | None = None

    def make(self, target: Path) -> None:
        """Run every stage that is not finished yet, and write the checkpoint to `target`."""
        sentences = self._sentences()
        recorded = self._recorded_clips(sentences[: self.recipe.recorded])
        predictor = self._predictor(recorded)
        silent = self._silent_clips(sentences[self.recipe.recorded :])
        say(f"{clips.hours(recorded):.1f} hours of sound, {clips.hours(silent):.1f} hours without")
        tokens = self._audio_tokens(silent)
        examples = Examples(silent, tokens, self._tokenizer())
        model = self._language_model(list(map(examples, silent)), tokens)
        states = _states(model, [examples(predictor.smooth(clip)) for clip in recorded], self.device)
        voice = self._decoder(
            [decoder.Recording(of_clip, clip.audio) for of_clip, clip in zip(states, recorded, strict=True)]
        )
        target.mkdir(parents=True, exist_ok=True)
        write_tokenizer(target, model_config.AUDIO_TOKENS, model_config.TEXT_TOKENS)
        checkpoint.write(target, model.model.cpu(), voice.cpu())
        tokens.save(target / _AUDIO_TOKENS)  # nothing else says what the voice's tokens mean
        say(f"the voice is in {target}")

    def _tokenizer(self) -> Tokenizer:
        write_tokenizer(self.directory, model_config.AUDIO_TOKENS, model_config.TEXT_TOKENS)
        return Tokenizer.from_file(self.directory / "tokenizer.json", model_config.language_model_config().vocab_size)

    def _sentences(self) -> list[str]:
        listing = self.directory / "texts.txt"
        if not listing.exists():
            say("collecting sentences")
            sentences = chosen_sentences(self.recipe.characters, self.recipe.seed, excluded=is_examined)
            listing.parent.mkdir(parents=True, exist_ok=True)
            with atomic_write(listing) as partial:
                partial.write_text("\n".join(sentences), encoding="utf-8")
        return listing.read_text(encoding="utf-8").splitlines()

    def _recorded_clips(self, sentences: Sequence[str]) -> list[RecordedClip]:
        directory = self.directory / "recorded"
        for done in shards.make(directory, sentences, clips.write_recorded):
            say(f"the teacher has recorded {done} of {len(sentences)} sentences")
        return shards.load(directory, RecordedClip)

    def _predictor(self, recorded: Sequence[RecordedClip]) -> SpectrumPredictor:
        torch.manual_seed(self.recipe.seed)
        predictor = SpectrumPredictor()
        held_out, taught = recorded[: self.recipe.held_out], recorded[self.recipe.held_out :]
        predictor.scale_to(taught)
        predictor.to(self.device)

        def prepare(step: int) -> spectrum_predictor.Batch:
            draw = np.random.default_rng((self.recipe.seed, step))
            chosen = draw.integers(len(taught), size=self.recipe.predictor_batch)
            return spectrum_predictor.collate([taught[index] for index in chosen])

        def compute_loss(batch: spectrum_predictor.Batch) -> tuple[Tensor, Metrics]:
            losses = predictor.losses(batch.to(self.device))
            return losses.total, losses.metrics

        TrainingRun(
            "spectrum-predictor", predictor, [spectrum_predictor.optimiser(predictor)], prepare, compute_loss,
            spectrum_predictor.LEARNING_RATE, self.recipe.predictor_steps, self.recipe.seed, self.directory, say,
        ).run()  # fmt: skip
        with torch.inference_mode():
            metrics = [
                predictor.losses(spectrum_predictor.collate([clip]).to(self.device)).metrics for clip in held_out
            ]
        say(f"spectra of held-out sentences: {format_metrics(metrics)}")
        return predictor.cpu()

    def _silent_clips(self, sentences: Sequence[str]) -> list[Clip]:
        directory = self.directory / "silent"
        work = partial(spectrum_predictor.write_silent, self.directory / "spectrum-predictor.pt")
        for done in shards.make(directory, sentences, work):
            say(f"the teacher has read {done} of {len(sentences)} sentences")
        return shards.load(directory, Clip)

    def _audio_tokens(self, silent: Sequence[Clip]) -> AudioTokens:
        if self.before:
            return AudioTokens.load(self.before / _AUDIO_TOKENS)
        file = self.directory / _AUDIO_TOKENS
        if not file.exists():
            say("finding the audio tokens")
            AudioTokens.fit(silent, model_config.AUDIO_TOKENS, self.recipe.seed).save(file)
        return AudioTokens.load(file)

    def _language_model(self, examples: Sequence[Example], tokens: AudioTokens) -> TrainingModel:
        torch.manual_seed(self.recipe.seed)
        model = TrainingModel(BANDS * FRAMES_PER_TOKEN)
        if self.before:
            checkpoint.load_language_model(self.before, model.model)
        model.to(self.device)
        neighbours = tokens.neighbours(_NEIGHBOURS)
        held_out, examples = examples[: self.recipe.held_out], examples[self.recipe.held_out :]
        # If it begins with nothing, sentences grow in the first epoch: in a single word it is easy to learn which
        # letter a sound belongs to.
        schedule = [
            batch
            for epoch in range(self.recipe.epochs)
            for batch in language_model.batches(
                examples, self.recipe.batch_tokens, self.recipe.seed + epoch, ascending=not self.before and epoch == 0
            )
        ]

        def prepare(step: int) -> language_model.Batch:
            return language_model.collate(schedule[step], neighbours)

        def compute_loss(batch: language_model.Batch) -> tuple[Tensor, Metrics]:
            losses = language_model.losses(model, batch.to(self.device))
            return losses.total, losses.metrics

        TrainingRun(
            "language-model", model, language_model.optimisers(model), prepare, compute_loss,
            language_model.LEARNING_RATE, len(schedule), self.recipe.seed, self.directory, say, self._processes,
        ).run()  # fmt: skip
        say(f"language model on held-out sentences: {_evaluate_language_model(model, held_out, self.device)}")
        return model

    def _decoder(self, recordings: Sequence[decoder.Recording]) -> SopranoDecoder:
        torch.manual_seed(self.recipe.seed)
        voice = AdversarialDecoder()
        if self.before:
            checkpoint.load_decoder(self.before, voice.decoder)
        voice.to(self.device)
        held_out, recordings = recordings[: self.recipe.held_out], recordings[self.recipe.held_out :]
        alone = self.recipe.decoder_steps - self.recipe.adversarial_steps

        def prepare(step: int) -> tuple[decoder.Crops, bool]:
            draw = np.random.default_rng((self.recipe.seed, step))
            return decoder.crops(recordings, self.recipe.decoder_batch, draw), step >= alone

        def compute_loss(prepared: tuple[decoder.Crops, bool]) -> tuple[Tensor, Metrics]:
            batch, adversarial = prepared
            losses = voice.losses(batch.to(self.device), adversarial=adversarial)
            return losses.total, losses.metrics

        TrainingRun(
            "decoder", voice, [discriminators.optimiser(voice)], prepare, compute_loss,
            decoder.LEARNING_RATE, self.recipe.decoder_steps, self.recipe.seed, self.directory, say, self._processes,
        ).run()  # fmt: skip
        metrics = _evaluate_decoder(voice, held_out, self.recipe.evaluation_batches, self.device)
        say(f"decoder on held-out sentences: {metrics}")
        return voice.decoder

    @property
    def _processes(self) -> int:
        """The number of processes that prepare steps: some of the cores if a GPU computes the steps, otherwise none."""
        return 0 if self.device.type == "cpu" else min(_MAX_PROCESSES, len(os.sched_getaffinity(0)) // 2)


_MAX_PROCESSES = 6
_EVALUATION_BATCH_TOKENS = 3000  # of a batch in evaluation
_EVALUATION_CROPS = 12
_QUIET = 1e-3  # of a band that never changes
_NORMALISED_BY = 2000  # clips


class Examples:
    """Makes training examples of clips; spectra are normalised by those of `silent`."""

    def __init__(self, silent: Sequence[Clip], tokens: AudioTokens, tokenizer: Tokenizer) -> None:
        step = max(1, len(silent) // _NORMALISED_BY)
        sample = np.concatenate([clip.mel for clip in silent[::step]]).astype(np.float32)
        self._mean, self._deviation = sample.mean(axis=0), sample.std(axis=0) + _QUIET
        self._tokens, self._tokenizer = tokens, tokenizer

    def __call__(self, clip: Clip) -> Example:
        """The example of a clip."""
        normal = (clip.mel.astype(np.float32) - self._mean) / self._deviation
        prompt = torch.tensor(self._tokenizer.prompt(clip.text))
        mel, periods, voiced = map(torch.from_numpy, (normal.astype(np.float16), clip.periods, clip.voiced))
        return language_model.example(prompt, self._tokens(clip), mel, periods, voiced)


@torch.inference_mode()
def _states(model: TrainingModel, examples: Sequence[Example], device: torch.device) -> list[NDArray[np.float16]]:
    """For each example, the states that produce its audio tokens, `[N, H]`."""
    model.eval()
    states: dict[int, NDArray[np.float16]] = {}
    for group in language_model.batches(examples, _EVALUATION_BATCH_TOKENS, 0):
        tokens = language_model.collate(group, None).tokens.to(device)
        for example, rows in zip(group, model.states(tokens).cpu().to(torch.float16).numpy(), strict=True):
            states[id(example)] = rows[len(example.prompt) - 1 : len(example) - 1].copy()
    return [states[id(example)] for example in examples]


@torch.inference_mode()
def _evaluate_language_model(model: TrainingModel, examples: Sequence[Example], device: torch.device) -> str:
    model.eval()
    losses = [
        language_model.losses(model, language_model.collate(group, None).to(device))
        for group in language_model.batches(examples, _EVALUATION_BATCH_TOKENS, 0)
    ]
    model.train()
    return format_metrics([each.metrics for each in losses])


@torch.inference_mode()
def _evaluate_decoder(
    voice: AdversarialDecoder, recordings: Sequence[decoder.Recording], batches: int, device: torch.device
) -> str:
    draw = np.random.default_rng(0)
    voice.eval()
    crops = [decoder.crops(recordings, _EVALUATION_CROPS, draw).to(device) for _ in range(batches)]
    return format_metrics([voice.losses(batch, adversarial=False).metrics for batch in crops])
