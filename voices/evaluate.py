"""Evaluates a voice: how well a recogniser understands it in every format, how it sounds, and how fast it is.

    .venv/bin/python -m voices.evaluate --help

Prints a table, and saves it with JSON and a picture in `voices/results/`. Needs the teacher, Debian's package flite.
"""

from pathlib import Path
from typing import Annotated

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
from voices.corpus.held_out import held_out_sentences
from voices.errors import VoiceError
from voices.evaluation.examination import Evaluation
from voices.evaluation.recogniser import Recognisers
from voices.evaluation.report import save_report, table
from voices.evaluation.sound import Sound
from voices.evaluation.speaker import Speaker
from voices.evaluation.speeds import compare_speeds
from voices.evaluation.verdicts import FULL_SIZE, VOICE, judge

RESULTS = Path(__file__).parent / "results"
# Long deadlines: no request fails because the machine is busy.
_PATIENT = {"SOPRANO_MAX_WAIT": "600", "SOPRANO_FIRST_AUDIO_DEADLINE": "600", "SOPRANO_STALL_DEADLINE": "600"}

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    checkpoint: Annotated[str, typer.Option(help="A directory, or a name that SOPRANO_CHECKPOINT knows.")] = "builtin",
    sentences: Annotated[int | None, typer.Option(min=1, help="Evaluate only this many.  [default: all]")] = None,
    results: Annotated[Path, typer.Option(help="Directory for the files.")] = RESULTS,
    speed: Annotated[bool, typer.Option(help="Compare with the speed of a full-size model.")] = True,
) -> None:
    """Evaluate a voice against its targets: the exit status is 1 if it misses one."""
    end_in_order_on_sigterm()
    try:
        verdicts = _evaluate(resolve(checkpoint).resolve(), held_out_sentences(sentences), results, with_speed=speed)
    except (EngineError, LaunchError, VoiceError, WorkerFailed) as error:
        fail(str(error))
    missed = [verdict.target for verdict in verdicts if verdict.outcome is Outcome.MISSED]
    if missed:
        fail(f"missed: {'; '.join(missed)}")


def _evaluate(path: Path, sentences: list[str], directory: Path, *, with_speed: bool) -> list[Verdict]:
    settings = EngineSettings.from_environment()
    facts = examine(settings.device, settings.dtype)
    with (
        our_triton(path, _PATIENT) as triton,
        our_proxy(triton.grpc_url, _PATIENT) as url,
        Speaker(url) as speaker,
        Recognisers() as recognisers,
    ):
        evaluation = Evaluation(sentences, speaker, recognisers, say)
        results = evaluation.run(path.name, facts, _spoken_by_teacher)
    if with_speed:
        with weights(None) as full_size:
            results.speeds = compare_speeds({VOICE: path, FULL_SIZE: full_size}, facts.device, facts.dtype, say)
    verdicts = list(judge(results))
    files = save_report(results, verdicts, evaluation.spectra, directory)
    typer.echo("\n".join((table(results, verdicts), *map(str, files))))
    return verdicts


def _spoken_by_teacher(text: str) -> Sound:
    """Have the teacher speak the text that the model would get."""
    normalised = " ".join(sentence.text for sentence in split_sentences(text))
    return Sound.of_integers(teacher.speak(normalised), teacher.SAMPLE_RATE)


if __name__ == "__main__":
    app()
