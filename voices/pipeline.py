"""Trains a voice in stages. The result of each stage is saved, so that an interrupted run can continue.

The stages: texts, the teacher's recordings of some of them as clips, the audio tokens, its recordings of the others as
tokens, the language model, the language model's states, the decoder, the checkpoint.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
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
from voices.corpus import clips, token_dataset
from voices.corpus.audio_tokens import AudioTokens
from voices.corpus.held_out import held_out_sentences
from voices.corpus.mel import BANDS, FRAMES_PER_TOKEN
from voices.corpus.texts import training_sentences
from voices.training import checkpoint, decoder, language_model, model_config
from voices.training.language_model import Example, TrainingModel
from voices.training.loop import Metrics, TrainingRun, format_metrics

_NEIGHBOURS = 8  # tokens that may replace a token in the language model's input


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The sizes of the training data and of the training."""

    characters: int = 4_400_000
    recorded: int = 10_000  # sentences whose sound is kept; of the others only the tokens are kept
    epochs: int = 12
    batch_tokens: int = 16_000  # of a step of the language model's training
    decoder_steps: int = 3500
    decoder_batch: int = 32  # crops of a step of the decoder's training
    held_out: int = 200  # held-out sentences, on which both models are evaluated
    evaluation_batches: int = 10  # of the decoder's evaluation
    seed: int = 1


@dataclass(frozen=True)
class Pipeline:
    """The stages, over one directory of intermediate results."""

    directory: Path
    recipe: Recipe
    device: torch.device

    def make(self, target: Path) -> None:
        """Run every stage that is not finished yet, and write the checkpoint to `target`."""
        sentences = self._sentences()
        recorded = self._clips(sentences[: self.recipe.recorded])
        tokens = self._audio_tokens(recorded)
        dataset = self._token_dataset(sentences[self.recipe.recorded :])
        target.mkdir(parents=True, exist_ok=True)
        write_tokenizer(target, model_config.AUDIO_TOKENS, model_config.TEXT_TOKENS)
        tokenizer = Tokenizer.from_file(target / "tokenizer.json", model_config.language_model_config().vocab_size)
        examples = _examples(recorded, tokens, tokenizer)
        model = self._language_model(examples, _examples_in_tokens(dataset, tokenizer), tokens)
        states = _states(model, examples, self.device)
        voice = self._decoder([decoder.Recording(*pair) for pair in zip(states, recorded.audio, strict=False)])
        checkpoint.write(target, model.model.cpu(), voice.cpu())
        say(f"the voice is in {target}")

    def _sentences(self) -> list[str]:
        listing = self.directory / "texts.txt"
        if not listing.exists():
            say("collecting sentences")
            held_out = frozenset(map(str.lower, held_out_sentences()))
            sentences = training_sentences(self.recipe.characters, self.recipe.seed, held_out=held_out)
            listing.parent.mkdir(parents=True, exist_ok=True)
            with atomic_write(listing) as partial:
                partial.write_text("\n".join(sentences), encoding="utf-8")
        return listing.read_text(encoding="utf-8").splitlines()

    def _clips(self, sentences: Sequence[str]) -> clips.Clips:
        for done in clips.make(self.directory / "clips", sentences):
            say(f"the teacher has read {done} of {len(sentences)} sentences that are kept as sound")
        return clips.load(self.directory / "clips")

    def _token_dataset(self, sentences: Sequence[str]) -> token_dataset.TokenDataset:
        for done in token_dataset.make(self.directory / "readings", sentences, self._audio_tokens_file):
            say(f"the teacher has read {done} of {len(sentences)} sentences that are kept as tokens")
        return token_dataset.load(self.directory / "readings")

    def _audio_tokens(self, recorded: clips.Clips) -> AudioTokens:
        if not self._audio_tokens_file.exists():
            say("finding the audio tokens")
            found = AudioTokens.fit(np.concatenate(recorded.mel), model_config.AUDIO_TOKENS, self.recipe.seed)
            found.save(self._audio_tokens_file)
        return AudioTokens.load(self._audio_tokens_file)

    @property
    def _audio_tokens_file(self) -> Path:
        return self.directory / "audio_tokens.pt"

    def _language_model(
        self, recorded: Sequence[Example], others: Sequence[Example], tokens: AudioTokens
    ) -> TrainingModel:
        torch.manual_seed(self.recipe.seed)
        model = TrainingModel(recorded[0].mel.shape[1]).to(self.device)
        neighbours = tokens.neighbours(_NEIGHBOURS)
        held_out, examples = recorded[: self.recipe.held_out], [*recorded[self.recipe.held_out :], *others]
        # In the first epoch sentences grow: in a single word it is easy to learn which letter a sound belongs to.
        schedule = [
            batch
            for epoch in range(self.recipe.epochs)
            for batch in language_model.batches(
                examples, self.recipe.batch_tokens, self.recipe.seed + epoch, ascending=epoch == 0
            )
        ]

        def prepare(step: int) -> language_model.Batch:
            return language_model.collate(schedule[step], neighbours)

        def compute_loss(batch: language_model.Batch) -> tuple[Tensor, Metrics]:
            losses = language_model.losses(model, batch.to(self.device))
            return losses.total, losses.metrics

        TrainingRun(
            "language-model", model, language_model.optimiser(model), prepare, compute_loss,
            language_model.LEARNING_RATE, len(schedule), self.recipe.seed, self.directory, say, self._processes,
        ).run()  # fmt: skip
        say(f"language model on held-out sentences: {_evaluate_language_model(model, held_out, self.device)}")
        return model

    def _decoder(self, recordings: list[decoder.Recording]) -> SopranoDecoder:
        torch.manual_seed(self.recipe.seed)
        voice = decoder.new_decoder().to(self.device)
        held_out, recordings = recordings[: self.recipe.held_out], recordings[self.recipe.held_out :]

        def prepare(step: int) -> decoder.Crops:
            return decoder.crops(recordings, self.recipe.decoder_batch, np.random.default_rng((self.recipe.seed, step)))

        def compute_loss(batch: decoder.Crops) -> tuple[Tensor, Metrics]:
            losses = decoder.losses(voice, batch.to(self.device))
            return losses.total, losses.metrics

        TrainingRun(
            "decoder", voice, decoder.optimiser(voice), prepare, compute_loss,
            decoder.LEARNING_RATE, self.recipe.decoder_steps, self.recipe.seed, self.directory, say, self._processes,
        ).run()  # fmt: skip
        metrics = _evaluate_decoder(voice, held_out, self.recipe.evaluation_batches, self.device)
        say(f"decoder on held-out sentences: {metrics}")
        return voice

    @property
    def _processes(self) -> int:
        """The number of processes that prepare steps: some of the cores if a GPU computes the steps, otherwise none."""
        return 0 if self.device.type == "cpu" else min(_MAX_PROCESSES, len(os.sched_getaffinity(0)) // 2)


_MAX_PROCESSES = 6
_EVALUATION_BATCH_TOKENS = 3000  # of a batch in evaluation
_EVALUATION_CROPS = 12


def _examples(recorded: clips.Clips, tokens: AudioTokens, tokenizer: Tokenizer) -> list[Example]:
    sample = np.concatenate(recorded.mel[:: max(1, len(recorded) // 2000)]).astype(np.float32)
    mean, deviation = torch.from_numpy(sample.mean(axis=0)), torch.from_numpy(sample.std(axis=0))

    def example(text: str, mel: NDArray[np.float16]) -> Example:
        rows = torch.from_numpy(mel)
        normal = ((rows.float() - mean) / deviation).to(torch.float16)
        return Example(torch.tensor(tokenizer.prompt(text)), tokens(rows), normal)

    return [example(text, mel) for text, mel in zip(recorded.texts, recorded.mel, strict=True)]


def _examples_in_tokens(dataset: token_dataset.TokenDataset, tokenizer: Tokenizer) -> list[Example]:
    nothing = torch.zeros(0, FRAMES_PER_TOKEN * BANDS, dtype=torch.float16)
    return [
        Example(torch.tensor(tokenizer.prompt(text)), torch.from_numpy(tokens).long(), nothing)
        for text, tokens in zip(dataset.texts, dataset.tokens, strict=True)
    ]


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
    voice: SopranoDecoder, recordings: Sequence[decoder.Recording], batches: int, device: torch.device
) -> str:
    draw = np.random.default_rng(0)
    voice.eval()
    crops = [decoder.crops(recordings, _EVALUATION_CROPS, draw) for _ in range(batches)]
    return format_metrics([decoder.losses(voice, batch.to(device)).metrics for batch in crops])
