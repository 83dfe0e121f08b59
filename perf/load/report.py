"""The report of load tests: JSON, CSV, pictures and a page in Markdown.

    .venv/bin/python -m perf.load.report perf/results/load-cpu   # makes all but the JSON anew

The page of a directory in `perf/results/` is `perf/RESULTS.md`; that of any other, and of `perf/results/quick`, whose
figures mean nothing, is `RESULTS.md` in it.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from perf.load.level_table import save_level_table
from perf.load.markdown.page import render
from perf.load.pictures.album import save_pictures
from perf.load.results import LoadResults, TuningResults
from perf.load.stored import LOAD_FILE, TUNING_FILE, UnreadableResults, read_load, read_tuning, save_load, save_tuning

_PERF = Path(__file__).resolve().parent.parent
QUICK = "quick"
"""The name of the directory of runs that show only that everything runs."""

_PAGE = "RESULTS.md"
_LEVELS = "load.csv"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def save_report(directory: Path, results: LoadResults, tuning: TuningResults | None = None) -> list[Path]:
    """Write all files; return them. Without `tuning`, what is stored of an earlier one stays and is reported."""
    save_load(directory, results)
    if tuning:
        save_tuning(directory, tuning)
    return make_report(directory)


def make_report(directory: Path) -> list[Path]:
    """Make the report of the results that are stored in `directory`; return its files. Raises `UnreadableResults`."""
    results, tuning = read_load(directory), read_tuning(directory)
    files = [
        directory / LOAD_FILE,
        *([directory / TUNING_FILE] if tuning else []),
        save_level_table(directory / _LEVELS, results, tuning),
        *save_pictures(directory, results, tuning),
    ]
    page = page_of(directory)
    page.write_text(render(results, tuning, _links(page, files)), encoding="utf-8")
    return [*files, page]


def page_of(directory: Path) -> Path:
    """Return where its page is."""
    resolved = directory.resolve()
    of_the_project = resolved.parent == _PERF / "results" and resolved.name != QUICK
    return (_PERF if of_the_project else directory) / _PAGE


def _links(page: Path, files: Sequence[Path]) -> dict[str, str]:
    return {file.name: Path(os.path.relpath(file, page.parent)).as_posix() for file in files}


@app.command()
def main(
    directory: Annotated[Path, typer.Argument(help="Where load.json is, and tuning.json if there is one.")],
) -> None:
    """Make the report anew from the results in DIRECTORY."""
    try:
        files = make_report(directory)
    except UnreadableResults as error:
        typer.echo(error, err=True)
        raise typer.Exit(1) from error
    for file in files:
        typer.echo(file)


if __name__ == "__main__":
    app()
