"""`make voice`: trains a small voice.

    .venv/bin/python -m voices.make --help

Needs the teacher, which `make voice` installs, and Debian's fortunes, fortunes-min and wordnet-base, for the texts.
"""

from pathlib import Path
from typing import Annotated

import torch
import typer

from engine.checkpoint.files import BUILTIN_DIRECTORY
from measuring.command import end_in_order_on_sigterm, fail
from voices.errors import VoiceError
from voices.pipeline import Pipeline, Recipe

WORK = Path(__file__).parent / "work"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    work: Annotated[Path, typer.Option(help="Directory for intermediate results.")] = WORK,
    target: Annotated[Path, typer.Option(help="The checkpoint's directory.")] = BUILTIN_DIRECTORY,
    before: Annotated[
        Path, typer.Option(help="The voice that is trained further; one that does not exist: none.")
    ] = BUILTIN_DIRECTORY,
    device: Annotated[str, typer.Option(help="[default: a GPU if there is one]", show_default=False)] = "",
    characters: Annotated[int, typer.Option(min=1, help="Of the training texts.")] = Recipe.characters,
    recorded: Annotated[int, typer.Option(min=1, help="Sentences of these with sound.")] = Recipe.recorded,
    predictor_steps: Annotated[
        int, typer.Option(min=1, help="Of the training of what replaces the sound.")
    ] = Recipe.predictor_steps,
    epochs: Annotated[int, typer.Option(min=1, help="Of the language model's training.")] = Recipe.epochs,
    batch_tokens: Annotated[int, typer.Option(min=1, help="Of a step of its training.")] = Recipe.batch_tokens,
    decoder_steps: Annotated[int, typer.Option(min=1, help="Of the decoder's training.")] = Recipe.decoder_steps,
    adversarial_steps: Annotated[
        int, typer.Option(min=0, help="Of these, with adversaries.")
    ] = Recipe.adversarial_steps,
    decoder_batch: Annotated[int, typer.Option(min=1, help="Crops of a step of its training.")] = Recipe.decoder_batch,
    seed: int = Recipe.seed,
) -> None:
    """Train a small voice. Finished steps of an interrupted run are not repeated."""
    end_in_order_on_sigterm()
    recipe = Recipe(
        characters=characters,
        recorded=recorded,
        predictor_steps=predictor_steps,
        epochs=epochs,
        batch_tokens=batch_tokens,
        decoder_steps=decoder_steps,
        adversarial_steps=adversarial_steps,
        decoder_batch=decoder_batch,
        seed=seed,
    )
    chosen = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    try:
        Pipeline(work, recipe, chosen, before if before.exists() else None).make(target)
    except VoiceError as error:
        fail(str(error))


if __name__ == "__main__":
    app()
