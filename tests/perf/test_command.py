"""The common parts of the experiments."""

from pathlib import Path
from typing import NoReturn

import pytest
import typer

from measuring.worker import WorkerFailed
from perf.command import Parts, directory_of, end, experiment, warn
from tests.perf.conftest import facts


def fail() -> NoReturn:
    raise WorkerFailed("engine: its process ended with status 3")


def test_a_part_that_fails_is_noted_and_the_others_still_run() -> None:
    ran: list[str] = []
    parts = Parts(("first", "second"))
    assert parts.run("first", fail)
    assert parts.run("second", lambda: ran.append("second"))
    assert not parts.run("third", lambda: ran.append("third"))
    assert ran == ["second"]
    assert parts.failures == {"first": "engine: its process ended with status 3"}


def test_a_mistake_in_the_program_is_no_failure_of_a_part() -> None:
    with pytest.raises(ZeroDivisionError):
        Parts(("part",)).run("part", lambda: 1 / 0)


def test_a_failure_ends_with_its_sentence_and_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as raised, experiment():
        fail()
    assert raised.value.exit_code == 1
    assert "engine: its process ended with status 3" in capsys.readouterr().err


def test_files_are_printed_before_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        end([Path("a.json")], failed=["formats", "stages"])
    printed = capsys.readouterr()
    assert printed.out == "a.json\n"
    assert "failed: formats, stages" in printed.err


def test_figures_of_a_busy_machine_are_doubted(capsys: pytest.CaptureFixture[str]) -> None:
    warn(0.05, quick=False)
    assert capsys.readouterr().err == ""
    warn(0.5, quick=False)
    assert "other programs kept 0.5 cores busy" in capsys.readouterr().err


def test_results_are_kept_by_day_and_machine() -> None:
    assert directory_of(facts(), quick=False).name == "2026-01-01-a-processor-2-cores"
    assert directory_of(facts("cuda"), quick=False).name == "2026-01-01-a-gpu"
    assert directory_of(facts(), quick=True).name == "quick"
