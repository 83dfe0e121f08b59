import re

import pytest

from perf.measurements import Load, Series
from perf.report.results import LoadResults, Sweep, TuningResults
from perf.report.server_page import render
from tests.perf.conftest import facts
from tests.perf.invented import complete_results, empty_results, point, series, tuning


def page(results: LoadResults, tuning: TuningResults | None = None, **links: str) -> list[str]:
    return render(results, tuning, {name.replace("_", "."): link for name, link in links.items()}).splitlines()


def sections(lines: list[str]) -> list[str]:
    return [line.removeprefix("## ") for line in lines if line.startswith("## ")]


def finding(*swept: Series, default: str = "64") -> str:
    """The sentence about a sweep."""
    lines = page(empty_results(), TuningResults(facts(), [Sweep("slots", default, swept)]))
    return next(line for line in lines if line.startswith("16 clients. The most"))


ALWAYS = ["Targets", "Where it ran", "How to run it again", "What the figures mean"]


def test_a_complete_run_has_every_section() -> None:
    lines = page(complete_results(), tuning())
    assert sections(lines) == [
        *("Targets", "Where it ran", "What was spoken", "How to run it again", "What the figures mean"),
        *("Listeners in real time", "Throughput and latency over clients", "Throughput and latency over rates"),
        *("First audio and gaps", "Past saturation", "Formats", "Alternatives", "Cost of each stage", "Tuning"),
    ]
    assert not any(line.startswith("Not measured") for line in lines)


def test_an_empty_run_says_what_was_not_measured() -> None:
    lines = page(empty_results())
    assert sections(lines) == ALWAYS
    assert any(
        re.match("Not measured: whole clips by clients, .*, cost of each stage, tuning.", line) for line in lines
    )
    assert "| at least 20 times the throughput of upstream's server |  | not measured |" in lines


def test_every_table_has_as_many_cells_in_each_row() -> None:
    block: list[int] = []
    for line in [*page(complete_results(), tuning()), ""]:
        block = [*block, line.count(" | ")] if line.startswith("|") else []
        assert len(set(block)) <= 1


def test_synthetic_weights_are_named_first() -> None:
    synthetic, real = empty_results(), empty_results()
    real.synthetic = False
    sentence = "All figures are from synthetic weights: random weights, which make noise; the work is the same."
    assert page(synthetic)[2] == sentence
    assert not any("noise" in line for line in page(real))


def test_conditions_and_mix() -> None:
    lines = page(complete_results())
    assert "| perf_analyzer | 2.49.0 |" in lines
    assert "| settings | `SOPRANO_SLOTS=128` |" in lines
    assert "| sentences | 35% | 92 |" in lines


def test_failures_are_listed() -> None:
    assert "- formats: aac: locust sent 3 of 64 requests" in page(complete_results())


def test_percentiles_of_a_load() -> None:
    lines = page(complete_results())
    assert "| 16 | 64 | 19.4 | 3.88 | 4.12 / 9.90 / 18.56 | 0.82 / 0.99 / 1.32 |" in lines
    assert "| 16 | 64 | 272 / 517 / 707 | 312 / 593 / 811 | 300 / 480 / 720 |" in lines


def test_requests_that_were_not_spoken_are_told() -> None:
    results = empty_results()
    results.whole = [point(Load(4), 8.0, spoken=7, failed=2, refused=1, latency=2.5)]
    assert "| 4 | 7 of 10 | 8.0 | 1.60 | 2.50 / 6.00 / 11.25 | 0.50 / 0.60 / 0.80 |" in page(results)


def test_listeners_that_are_held() -> None:
    text = "\n".join(page(complete_results()))
    assert "nobody stalled, was refused or failed: 15.0 listeners at once (400 requests)." in text
    assert "At the next larger one, 17.5 listeners at once: 21 stalled, of 400 requests." in text


def test_shares_past_saturation() -> None:
    assert "| 4 | 20.0 | 82.0% | 15.0% | 3.0% | 0.0% | 20.0 | 2.66 |" in page(complete_results())


def test_ratios_and_costs_with_their_spread() -> None:
    lines = page(complete_results())
    ratios = "this server, OpenAI's endpoint: 21.06 (20.95 to 21.16)"
    assert f"| upstream's server | 600 | 0.85 (0.84 to 0.86) | {ratios} | 225.88 |" in lines
    assert "| proxy, mp3 | 600 | 17.30 (17.20 to 17.40) | 14% (13% to 15%) |" in lines


def test_what_cannot_be_compared_has_no_ratio() -> None:
    results = empty_results()
    results.alternatives = [series("ours", 20.0, 19.0), series("theirs", 1.0)]
    results.stages = [
        series("bare engine", 20.0),
        Series("broken", (point(Load(16), 0.0, spoken=0, failed=9, silent=True),)),
    ]
    lines = page(results)
    assert "| theirs | 200 | 1.00 (1.00 to 1.00) | not comparable | 192.00 |" in lines
    assert "| broken | 0 of 9 | 0.00 (0.00 to 0.00) | 100% (100% to 100%) |" in lines


@pytest.mark.parametrize(
    ("swept", "sentence"),
    [
        ((series("64", 20.0), series("128", 19.0)), "The most throughput is at the default, 64."),
        ((series("128", 20.0), series("64", 20.0)), "The most throughput is at the default, 64."),
        (
            (series("64", 20.0, 20.0), series("128", 21.0, 22.0)),
            "The most throughput is at 128, 7.5% above the default, 64 (5.0% to 10.0%).",
        ),
        (
            (series("64", 20.0, 20.0), series("128", 19.0, 22.0)),
            "The most throughput is at 128, 2.5% above the default, 64 (-5.0% to 10.0%); over the repeats, it is not "
            "always faster.",
        ),
        ((series("128", 20.0),), "The most throughput is at 128; the default, 64, was not measured."),
    ],
)
def test_how_far_the_default_is_from_the_best(swept: tuple[Series, ...], sentence: str) -> None:
    assert finding(*swept).removeprefix("16 clients. ").startswith(sentence)


def test_at_which_value_the_delay_is_least() -> None:
    swept = (series("64", 20.0, first_audio=1.0), series("32", 19.0, first_audio=0.5))
    assert finding(*swept).endswith("The least first audio (p95) is at 32: 0.95 s, against 1.90 s at the default.")
    assert finding(*swept, default="32").endswith("The least first audio (p95) is at the default, 32.")


def test_the_default_is_marked() -> None:
    assert "| **64** (default) | 23.0 (22.9 to 23.3) | 1.52 |" in page(empty_results(), tuning())


def test_only_files_that_are_there_are_linked() -> None:
    lines = page(complete_results(), stages_png="results/cpu/stages.png", load_csv="results/cpu/load.csv")
    assert [line for line in lines if "](" in line] == [
        "The figures as files: [load.csv](results/cpu/load.csv).",
        "![Cost of each stage](results/cpu/stages.png)",
    ]
