"""The parts that all experiments share: options, directories for results, errors, and the end of the command."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import EngineError
from launch.errors import LaunchError
from measuring.command import end_in_order_on_sigterm, fail, say
from measuring.host import Facts
from measuring.worker import WorkerFailed
from perf.load_generators.perf_analyzer_installation import PerfAnalyzerError
from perf.load_generators.speech_load import LoadFailed
from perf.report.results import UnreadableResults
from perf.workload import InvalidMix

RESULTS = Path(__file__).parent / "results"
QUICK_RESULTS = RESULTS / "quick"
"""The directory of quick runs, which only show that everything works."""
FAILURES = (EngineError, InvalidMix, LaunchError, LoadFailed, PerfAnalyzerError, UnreadableResults, WorkerFailed)
"""The errors of a measurement; the message of each is one sentence."""
_QUIET = 0.1  # cores that other programs may use

QuickOption = Annotated[bool, typer.Option("--quick", help="Everything once and small, on a small checkpoint.")]
ResultsOption = Annotated[Path, typer.Option(help="Directory for the JSON.")]
ServedCheckpointOption = Annotated[str, typer.Option(help="A directory, a hub id or `builtin`.")]
ThreadsOption = Annotated[int, typer.Option(min=0, help="The engine's; 0 for all cores.")]


@contextmanager
def experiment() -> Iterator[None]:
    """Run the block. SIGTERM stops everything that it has started; an expected error ends it with one sentence."""
    end_in_order_on_sigterm()
    try:
        yield
    except FAILURES as error:
        fail(str(error))


@dataclass
class Parts:
    """Runs the requested parts of an experiment. If one fails, this is noted, and the others still run."""

    wanted: tuple[str, ...]
    failures: dict[str, str] = field(default_factory=dict)

    def run(self, part: str, measure: Callable[[], object]) -> bool:
        """Run a part if it was requested, and return whether it was."""
        if part in self.wanted:
            with self.noting_failure(part):
                measure()
        return part in self.wanted

    @contextmanager
    def noting_failure(self, name: str) -> Iterator[None]:
        """Note an error of the block under `name`."""
        try:
            yield
        except FAILURES as failure:
            say(f"{name} failed: {failure}")
            self.failures[name] = str(failure)


def directory_of(facts: Facts, *, quick: bool) -> Path:
    """Return the directory for the results of a day and a machine."""
    return QUICK_RESULTS if quick else RESULTS / f"{facts.date[:10]}-{_named(facts)}"


def warn(other_load: float, *, quick: bool) -> None:
    """Warn if the figures of a run are unreliable: if it was quick, or if other programs used cores."""
    if quick:
        say("quick: this shows that everything works; the figures mean nothing")
    if other_load > _QUIET:
        say(f"warning: other programs kept {other_load:.1f} cores busy: do not trust the figures")


def end(files: Iterable[Path], *, failed: Iterable[str] = ()) -> None:
    """Print the files of a run. If something failed, name it and end with status 1."""
    for file in files:
        typer.echo(file)
    if names := ", ".join(failed):
        fail(f"failed: {names}")


def _named(facts: Facts) -> str:
    """Return a directory name that describes a machine; host names are not used: those of containers change."""
    words = re.findall(r"[a-z0-9]+", re.sub(r"\(.*?\)|CPU|Processor|@.*", " ", facts.gpu or facts.processor).lower())
    return "-".join([*words, *([] if facts.gpu else [f"{facts.cores}-cores"])])
