"""Evaluates a voice beside its teacher and an earlier voice: how it is understood, how it sounds, and how fast it is.

    .venv/bin/python -m voices.evaluate --help

Prints a table, and saves it with JSON and a picture in `voices/results/`. `make voice-evaluate` installs the teacher.
"""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from engine.checkpoint.locate import resolve
from engine.errors import EngineError
from engine.settings import EngineSettings
from launch.errors import LaunchError
from measuring.command import end_in_order_on_sigterm, fail, say, weights
from measuring.host import examine
from measuring.servers import our_proxy, our_triton
from measuring.verdicts import Outcome, Verdict
from measuring.worker import WorkerFailed
from text.sentences import split_sentences
from voices.corpus import teacher
from voices.corpus.held_out import hard_texts, held_out_sentences
from voices.errors import VoiceError
from voices.evaluation.examination import Evaluation
from voices.evaluation.report import save_report, table
from voices.evaluation.sound import Sound
from voices.evaluation.speaker import Clip, Speaker
from voices.evaluation.speeds import compare_speeds
from voices.evaluation.verdicts import BEFORE, FULL_SIZE, TEACHER, VOICE, judge

RESULTS = Path(__file__).parent / "results"
# Long deadlines: no request fails because the machine is busy.
_PATIENT = {"SOPRANO_MAX_WAIT": "600", "SOPRANO_FIRST_AUDIO_DEADLINE": "600", "SOPRANO_STALL_DEADLINE": "600"}

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    checkpoint: Annotated[str, typer.Option(help="A directory, or a name that SOPRANO_CHECKPOINT knows.")] = "builtin",
    before: Annotated[Path | None, typer.Option(help="Directory of an earlier voice, evaluated beside it.")] = None,
    sentences: Annotated[int | None, typer.Option(min=1, help="Evaluate only this many.  [default: all]")] = None,
    results: Annotated[Path, typer.Option(help="Directory for the files.")] = RESULTS,
    speed: Annotated[bool, typer.Option(help="Compare with the speed of a full-size model.")] = True,
) -> None:
    """Evaluate a voice against its targets: the exit status is 1 if it misses one."""
    end_in_order_on_sigterm()
    try:
        voices = {BEFORE: resolve(str(before)).resolve()} if before else {}
        voices[VOICE] = resolve(checkpoint).resolve()
        verdicts = _evaluate(voices, sentences, results, with_speed=speed)
    except (EngineError, LaunchError, VoiceError, WorkerFailed) as error:
        fail(str(error))
    missed = [verdict.target for verdict in verdicts if verdict.outcome is Outcome.MISSED]
    if missed:
        fail(f"missed: {'; '.join(missed)}")


def _evaluate(voices: dict[str, Path], number: int | None, directory: Path, *, with_speed: bool) -> list[Verdict]:
    settings = EngineSettings.from_environment()
    facts = examine(settings.device, settings.dtype)
    evaluation = Evaluation(facts, voices[VOICE].name, held_out_sentences(number), hard_texts(number), say)
    with multiprocessing.get_context("spawn").Pool() as teachers:
        evaluation.measure(TEACHER, partial(teachers.imap, _spoken_by_teacher))
    for name, path in voices.items():
        with _served(path) as speaker:
            evaluation.measure(name, partial(map, speaker.say_timed))
            if name == VOICE:
                evaluation.measure_variants(speaker)
                evaluation.measure_joins(speaker)
    results = evaluation.results
    if with_speed:
        with weights(None) as full_size:
            results.speeds = compare_speeds(voices | {FULL_SIZE: full_size}, facts.device, facts.dtype, say)
    verdicts = list(judge(results))
    files = save_report(results, verdicts, (evaluation.pictured_sentences, evaluation.pictured), directory)
    typer.echo("\n".join((table(results, verdicts), *map(str, files))))
    return verdicts


@contextmanager
def _served(path: Path) -> Iterator[Speaker]:
    """Serve a voice as users get it."""
    with (
        our_triton(path, _PATIENT) as triton,
        our_proxy(triton.grpc_url, _PATIENT) as url,
        Speaker(url) as speaker,
    ):
        yield speaker


def _spoken_by_teacher(text: str) -> Clip:
    """Have the teacher speak the sentences that the model would get."""
    spoken = [teacher.speak(sentence.text) for sentence in split_sentences(text)]
    return Clip(Sound.of_integers(np.concatenate(spoken), teacher.SAMPLE_RATE))


if __name__ == "__main__":
    app()
