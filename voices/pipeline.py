"""From nothing to a voice, in stages whose results are kept, so that the work can be interrupted.

Texts, the teacher's reading of some of them, the audio tokens, its reading of the others in tokens, the language model,
its states, the decoder, the checkpoint.
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
from voices.atomic_file import written_whole
from voices.console import say
from voices.corpus import clips, token_dataset
from voices.corpus.audio_tokens import AudioTokens
from voices.corpus.held_out import held_out_sentences
from voices.corpus.mel import BANDS, FRAMES_PER_TOKEN
from voices.corpus.texts import training_sentences
from voices.training import checkpoint, decoder, language_model, model_config
from voices.training.language_model import Lesson, Speller
from voices.training.loop import Course, Figures, told

_NEIGHBOURS = 8  # tokens that one may be misheard as


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How much of everything."""

    characters: int = 4_400_000
    recorded: int = 10_000  # sentences whose sound is kept; of the others, the language model reads the tokens alone
    epochs: int = 12
    batch_tokens: int = 16_000  # of the language model's course
    decoder_steps: int = 3500
    decoder_batch: int = 32  # crops of a step of the decoder's course
    checked: int = 200  # sentences that are kept for an examination of both
    batches_heard: int = 10  # of the examination of the decoder
    seed: int = 1


@dataclass(frozen=True)
class Pipeline:
    """The stages, over one directory of intermediate results."""

    directory: Path
    recipe: Recipe
    device: torch.device

    def make(self, target: Path) -> None:
        """Do every stage that is not done yet and write the checkpoint to `target`."""
        sentences = self._sentences()
        recorded = self._clips(sentences[: self.recipe.recorded])
        tokens = self._audio_tokens(recorded)
        read = self._readings(sentences[self.recipe.recorded :])
        target.mkdir(parents=True, exist_ok=True)
        write_tokenizer(target, model_config.AUDIO_TOKENS, model_config.TEXT_TOKENS)
        tokenizer = Tokenizer.from_file(target / "tokenizer.json", model_config.language_model_config().vocab_size)
        lessons = _lessons(recorded, tokens, tokenizer)
        speller = self._speller(lessons, _lessons_in_tokens(read, tokenizer), tokens)
        states = _states(speller, lessons, self.device)
        voice = self._decoder([decoder.Recording(*pair) for pair in zip(states, recorded.audio, strict=False)])
        checkpoint.write(target, speller.model.cpu(), voice.cpu())
        say(f"the voice is in {target}")

    def _sentences(self) -> list[str]:
        listing = self.directory / "texts.txt"
        if not listing.exists():
            say("collecting sentences")
            held_out = frozenset(map(str.lower, held_out_sentences()))
            sentences = training_sentences(self.recipe.characters, self.recipe.seed, held_out=held_out)
            listing.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(listing) as partial:
                partial.write_text("\n".join(sentences), encoding="utf-8")
        return listing.read_text(encoding="utf-8").splitlines()

    def _clips(self, sentences: Sequence[str]) -> clips.Clips:
        for done in clips.make(self.directory / "clips", sentences):
            say(f"the teacher has read {done} of {len(sentences)} sentences that are kept as sound")
        return clips.load(self.directory / "clips")

    def _readings(self, sentences: Sequence[str]) -> token_dataset.TokenDataset:
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

    def _speller(self, recorded: Sequence[Lesson], others: Sequence[Lesson], tokens: AudioTokens) -> Speller:
        torch.manual_seed(self.recipe.seed)
        speller = Speller(recorded[0].mel.shape[1]).to(self.device)
        neighbours = tokens.neighbours(_NEIGHBOURS)
        held_back, lessons = recorded[: self.recipe.checked], [*recorded[self.recipe.checked :], *others]
        # In a single word it is plain which letter a sound belongs to; from there on sentences may grow.
        schedule = [
            batch
            for epoch in range(self.recipe.epochs)
            for batch in language_model.batches(
                lessons, self.recipe.batch_tokens, self.recipe.seed + epoch, ascending=epoch == 0
            )
        ]

        def prepare(step: int) -> language_model.Batch:
            return language_model.collate(schedule[step], neighbours)

        def lesson(batch: language_model.Batch) -> tuple[Tensor, Figures]:
            marks = language_model.mark(speller, batch.to(self.device))
            return marks.loss, marks.figures

        Course(
            "language-model", speller, language_model.optimiser(speller), prepare, lesson,
            language_model.LEARNING_RATE, len(schedule), self.recipe.seed, self.directory, say, self._helpers,
        ).run()  # fmt: skip
        say(f"language model on sentences it has not read: {_examine(speller, held_back, self.device)}")
        return speller

    def _decoder(self, recordings: list[decoder.Recording]) -> SopranoDecoder:
        torch.manual_seed(self.recipe.seed)
        voice = decoder.new_decoder().to(self.device)
        held_back, recordings = recordings[: self.recipe.checked], recordings[self.recipe.checked :]

        def prepare(step: int) -> decoder.Crops:
            return decoder.crops(recordings, self.recipe.decoder_batch, np.random.default_rng((self.recipe.seed, step)))

        def lesson(batch: decoder.Crops) -> tuple[Tensor, Figures]:
            distance = decoder.distance(voice, batch.to(self.device))
            return distance.loss, distance.figures

        Course(
            "decoder", voice, decoder.optimiser(voice), prepare, lesson,
            decoder.LEARNING_RATE, self.recipe.decoder_steps, self.recipe.seed, self.directory, say, self._helpers,
        ).run()  # fmt: skip
        heard = _listen(voice, held_back, self.recipe.batches_heard, self.device)
        say(f"decoder on sentences it has not heard: {heard}")
        return voice

    @property
    def _helpers(self) -> int:
        """Processes that prepare steps: where a GPU computes them, the others have nothing to do."""
        return 0 if self.device.type == "cpu" else min(_MOST_HELPERS, len(os.sched_getaffinity(0)) // 2)


_MOST_HELPERS = 6
_CHECKED_TOKENS = 3000  # of a batch that nobody learns from
_CROPS_HEARD = 12


def _lessons(recorded: clips.Clips, tokens: AudioTokens, tokenizer: Tokenizer) -> list[Lesson]:
    sample = np.concatenate(recorded.mel[:: max(1, len(recorded) // 2000)]).astype(np.float32)
    mean, deviation = torch.from_numpy(sample.mean(axis=0)), torch.from_numpy(sample.std(axis=0))

    def lesson(text: str, mel: NDArray[np.float16]) -> Lesson:
        rows = torch.from_numpy(mel)
        normal = ((rows.float() - mean) / deviation).to(torch.float16)
        return Lesson(torch.tensor(tokenizer.prompt(text)), tokens(rows), normal)

    return [lesson(text, mel) for text, mel in zip(recorded.texts, recorded.mel, strict=True)]


def _lessons_in_tokens(read: token_dataset.TokenDataset, tokenizer: Tokenizer) -> list[Lesson]:
    nothing = torch.zeros(0, FRAMES_PER_TOKEN * BANDS, dtype=torch.float16)
    return [
        Lesson(torch.tensor(tokenizer.prompt(text)), torch.from_numpy(tokens).long(), nothing)
        for text, tokens in zip(read.texts, read.tokens, strict=True)
    ]


@torch.inference_mode()
def _states(speller: Speller, lessons: Sequence[Lesson], device: torch.device) -> list[NDArray[np.float16]]:
    """Of each lesson the states that produce its audio tokens, `[N, H]`."""
    speller.eval()
    states: dict[int, NDArray[np.float16]] = {}
    for group in language_model.batches(lessons, _CHECKED_TOKENS, 0):
        tokens = language_model.collate(group, None).tokens.to(device)
        for lesson, rows in zip(group, speller.states(tokens).cpu().to(torch.float16).numpy(), strict=True):
            states[id(lesson)] = rows[len(lesson.prompt) - 1 : len(lesson) - 1].copy()
    return [states[id(lesson)] for lesson in lessons]


@torch.inference_mode()
def _examine(speller: Speller, lessons: Sequence[Lesson], device: torch.device) -> str:
    speller.eval()
    marks = [
        language_model.mark(speller, language_model.collate(group, None).to(device))
        for group in language_model.batches(lessons, _CHECKED_TOKENS, 0)
    ]
    speller.train()
    return told([mark.figures for mark in marks])


@torch.inference_mode()
def _listen(voice: SopranoDecoder, recordings: Sequence[decoder.Recording], batches: int, device: torch.device) -> str:
    draw = np.random.default_rng(0)
    voice.eval()
    heard = [decoder.crops(recordings, _CROPS_HEARD, draw) for _ in range(batches)]
    return told([decoder.distance(voice, batch.to(device)).figures for batch in heard])
