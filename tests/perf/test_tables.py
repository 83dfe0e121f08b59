import io
import re

from rich.console import Console

from perf.results import Results
from perf.tables import tables, verdict_table
from perf.verdicts import judge
from tests.perf.conftest import empty_results, speed


def printed(results: Results) -> list[str]:
    """The lines of everything that is printed, without runs of spaces."""
    file = io.StringIO()
    console = Console(file=file, width=120)
    for table in (*tables(results), verdict_table(judge(results))):
        console.print(table)
    return [re.sub(" +", " ", line).strip() for line in file.getvalue().splitlines()]


def test_whole_clips_with_ratios(results: Results) -> None:
    lines = printed(results)
    assert "1 6.0 2.0 3.0 3.0" in lines
    assert "16 10.0" in lines  # upstream's batch has no engine's beside it
    assert "32 60.0 30.0" in lines


def test_streams(results: Results) -> None:
    lines = printed(results)
    assert "engine 16 500 500 32.0 0.50 0 of 16" in lines
    assert "ratio 1 0.30 1.3" in lines


def test_steps_with_their_shares(results: Results) -> None:
    assert "1 8.00 62% 19 4%" in printed(results)
    assert "64 30.00 17% 320 64%" in printed(results)


def test_long_text_with_its_share(results: Results) -> None:
    assert "first audio, ms 70 75" in printed(results)
    assert "its share at 32 at once, s 5.00" in printed(results)


def test_memory(results: Results) -> None:
    assert "engine 1.10" in printed(results)


def test_verdicts(results: Results) -> None:
    assert "memory ≤ 1.2 GB with 64 slots 1.10 GB met" in printed(results)


def test_synthetic_weights_are_named(results: Results) -> None:
    assert any("synthetic: random weights, which make noise" in line for line in printed(results))


def test_what_was_not_measured_has_no_table() -> None:
    results = empty_results()
    assert len(list(tables(results))) == 1
    results.engine.whole = [speed(1, 3.0)]
    assert "1 3.0" in printed(results)
