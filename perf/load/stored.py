"""Results of load tests as JSON, from which their report can be made anew."""

from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from perf.load.results import LoadResults, TuningResults

LOAD_FILE = "load.json"
TUNING_FILE = "tuning.json"

_Results = TypeVar("_Results", LoadResults, TuningResults)


class UnreadableResults(Exception):
    """A file of results cannot be used; `str()` says why, and how to make another."""


def save_load(directory: Path, results: LoadResults) -> Path:
    """Write `load.json` to `directory`, which is made if need be, and return it."""
    return _save(directory / LOAD_FILE, LoadResults, results)


def save_tuning(directory: Path, tuning: TuningResults) -> Path:
    """Write `tuning.json` to `directory`, which is made if need be, and return it."""
    return _save(directory / TUNING_FILE, TuningResults, tuning)


def read_load(directory: Path) -> LoadResults:
    """Read what `save_load` wrote there. Raises `UnreadableResults`."""
    return _read(directory / LOAD_FILE, LoadResults, "make bench")


def read_tuning(directory: Path) -> TuningResults | None:
    """Read what `save_tuning` wrote there, if it did. Raises `UnreadableResults`."""
    file = directory / TUNING_FILE
    return _read(file, TuningResults, "make bench-tuning") if file.exists() else None


def _save(file: Path, kind: type[_Results], results: _Results) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(TypeAdapter(kind).dump_json(results, indent=1) + b"\n")
    return file


def _read(file: Path, kind: type[_Results], remedy: str) -> _Results:
    try:
        return TypeAdapter(kind).validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise UnreadableResults(f"{file} does not hold the results of a run; `{remedy}` makes it: {error}") from error
