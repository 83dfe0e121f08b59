"""From nothing to a voice, in stages whose results are kept, so that the work can be interrupted.

Texts, the teacher's reading of them, the audio tokens, the language model, its states, the decoder, the checkpoint.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from soprano.vocos.decoder import SopranoDecoder
from torch import Tensor

from engine.synthetic_tokenizer import write_tokenizer
from engine.tokenizer import Tokenizer
from voices import checkpoint, clips, decoder, language_model, shape
from voices.audio_tokens import AudioTokens
from voices.console import say
from voices.held_out import held_out_sentences
from voices.language_model import Lesson, Speller
from voices.texts import training_sentences
from voices.training import Course, Figures
from voices.whole_file import written_whole

_NEIGHBOURS = 8  # tokens that one may be misheard as


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How much of everything."""

    characters: int = 1_700_000
    epochs: int = 8
    decoder_steps: int = 3000
    decoder_clips: int = 8000  # sentences, more than it hears all of
    seed: int = 1


@dataclass(frozen=True)
class Workshop:
    """The stages, over one directory of intermediate results."""

    directory: Path
    recipe: Recipe
    device: torch.device

    def make(self, target: Path) -> None:
        """Do every stage that is not done yet and write the checkpoint to `target`."""
        recorded = self._clips()
        tokens = self._audio_tokens(recorded)
        target.mkdir(parents=True, exist_ok=True)
        write_tokenizer(target, shape.AUDIO_TOKENS, shape.TEXT_TOKENS)
        tokenizer = Tokenizer.from_file(target / "tokenizer.json", shape.language_model_config().vocab_size)
        lessons = _lessons(recorded, tokens, tokenizer)
        speller = self._speller(lessons, tokens)
        states = _states(speller, lessons[: self.recipe.decoder_clips], self.device)
        voice = self._decoder([decoder.Recording(*pair) for pair in zip(states, recorded.audio, strict=False)])
        checkpoint.write(target, speller.model.cpu(), voice.cpu())
        say(f"the voice is in {target}")

    def _clips(self) -> clips.Clips:
        listing = self.directory / "texts.txt"
        if not listing.exists():
            say("collecting sentences")
            held_out = frozenset(map(str.lower, held_out_sentences()))
            sentences = training_sentences(self.recipe.characters, self.recipe.seed, held_out=held_out)
            listing.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(listing) as partial:
                partial.write_text("\n".join(sentences), encoding="utf-8")
        sentences = listing.read_text(encoding="utf-8").splitlines()
        for done in clips.make(self.directory / "clips", sentences):
            say(f"the teacher has read {done} of {len(sentences)} sentences")
        recorded = clips.load(self.directory / "clips")
        say(f"{recorded.hours:.1f} hours of speech")
        return recorded

    def _audio_tokens(self, recorded: clips.Clips) -> AudioTokens:
        file = self.directory / "audio_tokens.pt"
        if not file.exists():
            say("finding the audio tokens")
            AudioTokens.fit(np.concatenate(recorded.mel), shape.AUDIO_TOKENS, self.recipe.seed).save(file)
        return AudioTokens.load(file)

    def _speller(self, lessons: list[Lesson], tokens: AudioTokens) -> Speller:
        torch.manual_seed(self.recipe.seed)
        speller = Speller(lessons[0].mel.shape[1]).to(self.device)
        neighbours = tokens.neighbours(_NEIGHBOURS)
        held_back, lessons = lessons[:_CHECKED], lessons[_CHECKED:]
        # In a single word it is plain which letter a sound belongs to; from there on sentences may grow.
        schedule = [
            batch
            for epoch in range(self.recipe.epochs)
            for batch in language_model.batches(lessons, self.recipe.seed + epoch, ascending=epoch == 0)
        ]

        def lesson(step: int) -> tuple[Tensor, Figures]:
            marks = language_model.mark(speller, language_model.collate(schedule[step], neighbours).to(self.device))
            return marks.loss, marks.figures

        Course(
            "language-model", speller, language_model.optimiser(speller), lesson, language_model.LEARNING_RATE,
            len(schedule), self.recipe.seed, self.directory, say,
        ).run()  # fmt: skip
        say(f"language model on sentences it has not read: {_examine(speller, held_back, self.device)}")
        return speller

    def _decoder(self, recordings: list[decoder.Recording]) -> SopranoDecoder:
        torch.manual_seed(self.recipe.seed)
        voice = decoder.new_decoder().to(self.device)
        held_back, recordings = recordings[:_CHECKED], recordings[_CHECKED:]

        def lesson(step: int) -> tuple[Tensor, Figures]:
            draw = np.random.default_rng((self.recipe.seed, step))
            distance = decoder.distance(voice, decoder.crops(recordings, draw).to(self.device))
            return distance.loss, distance.figures

        Course(
            "decoder", voice, decoder.optimiser(voice), lesson, decoder.LEARNING_RATE,
            self.recipe.decoder_steps, self.recipe.seed, self.directory, say,
        ).run()  # fmt: skip
        say(f"decoder on sentences it has not heard: {_listen(voice, held_back, self.device)}")
        return voice


_CHECKED = 200  # sentences that are kept for an examination of both
_CROPS_HEARD = 10  # batches


def _lessons(recorded: clips.Clips, tokens: AudioTokens, tokenizer: Tokenizer) -> list[Lesson]:
    sample = np.concatenate(recorded.mel[:: max(1, len(recorded) // 2000)]).astype(np.float32)
    mean, deviation = torch.from_numpy(sample.mean(axis=0)), torch.from_numpy(sample.std(axis=0))

    def lesson(text: str, mel: NDArray[np.float16]) -> Lesson:
        rows = torch.from_numpy(mel)
        normal = ((rows.float() - mean) / deviation).to(torch.float16)
        return Lesson(torch.tensor(tokenizer.prompt(text)), tokens(rows), normal)

    return [lesson(text, mel) for text, mel in zip(recorded.texts, recorded.mel, strict=True)]


@torch.inference_mode()
def _states(speller: Speller, lessons: Sequence[Lesson], device: torch.device) -> list[NDArray[np.float16]]:
    """Of each lesson the states that produce its audio tokens, `[N, H]`."""
    speller.eval()
    states: dict[int, NDArray[np.float16]] = {}
    for group in language_model.batches(lessons, 0):
        tokens = language_model.collate(group, None).tokens.to(device)
        for lesson, rows in zip(group, speller.states(tokens).cpu().to(torch.float16).numpy(), strict=True):
            states[id(lesson)] = rows[len(lesson.prompt) - 1 : len(lesson) - 1].copy()
    return [states[id(lesson)] for lesson in lessons]


@torch.inference_mode()
def _examine(speller: Speller, lessons: Sequence[Lesson], device: torch.device) -> str:
    speller.eval()
    marks = [
        language_model.mark(speller, language_model.collate(group, None).to(device))
        for group in language_model.batches(lessons, 0)
    ]
    speller.train()
    return _means([mark.figures for mark in marks])


@torch.inference_mode()
def _listen(voice: SopranoDecoder, recordings: Sequence[decoder.Recording], device: torch.device) -> str:
    draw = np.random.default_rng(0)
    voice.eval()
    return _means(
        [decoder.distance(voice, decoder.crops(recordings, draw).to(device)).figures for _ in range(_CROPS_HEARD)]
    )


def _means(figures: Sequence[Figures]) -> str:
    return ", ".join(f"{name} {np.mean([each[name] for each in figures]):.3f}" for name in figures[0])
