"""The requests of a soak test, and the check of responses and of things left behind."""

import asyncio
from collections import Counter

import numpy as np
import pytest

from measuring.verdicts import Outcome
from perf.experiments.soak import Part, left_behind, process_table, run_part, tables
from perf.load_generators.http_exchange import Client, Delivery, Ending, Exchange, speak_alone
from perf.load_generators.soak_requests import (
    COMPARED,
    Kind,
    Request,
    check_response,
    hostile_request,
    ordinary_texts,
    slow_request,
    soak_request,
)
from perf.servers.process_samples import Growth, ProcessReport, Sample
from perf.servers.served import Served, ServerProcess
from proxy.audio.wav import wav_header

TEXTS = ("Hello there.", "One more sentence.")
LONG = " ".join(f"Sentence number {each} takes its time to be said." for each in range(80))
"""A text so long that a client leaves before its end, even on a fast machine."""
MEGABYTE = 1 << 20


def wav(*samples: int) -> bytes:
    return wav_header(32000, 2 * len(samples)) + np.array(samples, np.int16).tobytes()


def request(*allowed: int, reference: str = "") -> Request:
    return Request(Kind.ORDINARY, b"", Client(), frozenset(allowed), reference=reference)


def answer(status: int, body: bytes, ending: Ending = Ending.COMPLETE) -> Exchange:
    return Exchange(0.0, 1.0, ending, status, body=bytearray(body), size=len(body))


def test_a_number_and_a_seed_name_a_request() -> None:
    assert soak_request(7, 1, TEXTS) == soak_request(7, 1, TEXTS)
    assert len({soak_request(7, seed, TEXTS).content for seed in range(50)}) > 5


def test_a_third_leaves_and_all_kinds_are_there() -> None:
    kinds = Counter(soak_request(number, 1, ordinary_texts()).kind for number in range(1000))
    assert set(kinds) == set(Kind)
    assert 280 < kinds[Kind.LEAVES] < 380


def test_neighbours_of_hostile_texts_can_be_compared() -> None:
    kinds = [hostile_request(number, 1, TEXTS) for number in range(10)]
    assert [each.kind is Kind.ORDINARY for each in kinds] == 2 * [False, False, False, False, True]
    assert all(each.reference in TEXTS for each in kinds if each.kind is Kind.ORDINARY)


def test_slow_readers_want_long_clips() -> None:
    assert 4000 < len(slow_request(0, 45.0).content) < 4400


def test_only_the_allowed_statuses_are_correct() -> None:
    assert not check_response(request(400), answer(400, b""), {}).problem
    assert check_response(request(200), answer(500, b"broken"), {}).problem == "status 500: broken"
    assert check_response(request(400), answer(200, b""), {}).problem.startswith("status 200")


def test_a_cut_and_an_endless_wait_are_errors_but_a_client_that_left_is_not() -> None:
    assert check_response(request(200), answer(200, b"", Ending.CUT), {}).problem.startswith("cut")
    assert check_response(request(200), answer(200, b"", Ending.LATE), {}).problem.startswith("late")
    assert not check_response(request(200), answer(200, b"", Ending.LEFT), {}).problem


@pytest.mark.parametrize(
    ("ours", "problem", "difference"),
    [
        (wav(1, 2, 3), "", 0),
        (wav(1, 2, 4), "", 1),
        (wav(1, 2, 5), "differs by 2 of 32768 from the same clip alone", 2),
        (wav(1, 2), "2 samples, but 3 when spoken alone", None),
    ],
)
def test_a_clip_is_compared_with_the_same_one_alone(ours: bytes, problem: str, difference: int | None) -> None:
    finding = check_response(request(200, reference="a"), answer(200, ours), {("a", "wav"): wav(1, 2, 3)})
    assert (finding.problem, finding.difference) == (problem, difference)


def test_a_figure_is_flat_if_its_last_quarter_is_like_its_second() -> None:
    warm = [10.0] * 4 + [100.0] * 12
    assert Growth.of(warm) == Growth(100.0, 100.0)
    assert Growth.of([float(each) for each in range(16)]) == Growth(5.5, 13.5)
    assert Growth(100.0, 105.0).is_flat(slack=0.0)
    assert not Growth(100.0, 106.0).is_flat(slack=0.0)
    assert Growth(100.0, 106.0).is_flat(slack=8.0)


def report(descriptors: list[int], *, died: bool = False) -> ProcessReport:
    samples = [Sample(50 * MEGABYTE, 60 * MEGABYTE, each, 3) for each in descriptors]
    return ProcessReport.of(ServerProcess("proxy", 7, 0), samples, died=died)


def test_a_process_that_leaks_or_dies_is_found() -> None:
    leak = [20 + second // 4 for second in range(240)]
    assert report([20] * 240).outcome is Outcome.MET
    assert report(leak).growing == ["descriptors"]
    assert report(leak).outcome is Outcome.MISSED
    assert report([20] * 240, died=True).outcome is Outcome.MISSED
    assert process_table([report([20] * 240)]).splitlines()[2] == "| proxy | 50, 50, 60 | 20, 20 | 3, 3 | met |"


def test_a_short_run_says_nothing_of_growth() -> None:
    assert report(list(range(20, 220))).outcome is Outcome.UNKNOWN
    assert report([20] * 7).descriptors is None
    assert report([20] * 7, died=True).outcome is Outcome.MISSED


def test_open_requests_and_failures_of_an_idle_server_are_reported() -> None:
    before = {"soprano_restarts_total": 1.0, "soprano_failed_total": 0.0}
    after = {"soprano_restarts_total": 2.0, "soprano_failed_total": 0.0, "soprano_active_slots": 3.0}
    assert left_behind(before, after) == ["3 soprano_active_slots when idle", "soprano_restarts_total rose by 1"]
    assert left_behind(before, before) == []


def test_a_problem_breaks_a_part_and_stands_below_the_table() -> None:
    part = Part("a part")
    part.take(5, request(200), answer(200, wav(1)), {})
    assert not part.is_broken
    part.take(6, request(200), answer(500, b"broken"), {})
    assert part.is_broken
    lines = tables([part]).splitlines()
    assert lines[2] == "| a part | 2 | 0.0 | 1 | 0 | 0 | 0 | 0, 0 | 1 |"
    assert "- 1 times: ordinary: status 500: broken" in lines


def test_a_process_that_renames_itself_has_not_died() -> None:
    assert ServerProcess("python3", 1, 2) == ServerProcess("soprano-forks", 1, 2)
    assert ServerProcess("soprano-forks", 1, 2) != ServerProcess("soprano-spare", 1, 3)


def test_a_server_stands_a_small_soak(served: Served) -> None:
    async def run() -> list[Part]:
        references = await speak_alone(served.port, TEXTS, COMPARED)
        every = [soak_request(number, 1, TEXTS) for number in range(24)]
        leaving = [number for number, each in enumerate(every) if each.kind is Kind.LEAVES]
        ordinary = [each for each in every if each.kind not in (Kind.HOSTILE, Kind.LEAVES)]
        ordinary += [soak_request(number, 1, (LONG,)) for number in leaving]
        return [
            await run_part(served, "every kind", len(ordinary), 3, ordinary.__getitem__, references, 40.0),
            await run_part(served, "slow", 3, 3, lambda number: slow_request(number, 1.0), references, 40.0),
        ]

    parts = asyncio.run(run())
    assert [part.problems for part in parts] == [{}, {}], [part.first_failures for part in parts]
    assert parts[0].compared
    assert parts[0].left
    assert parts[1].left == 3
    assert not any(process.died for part in parts for process in part.processes)


def test_events_are_whole_only_with_their_end() -> None:
    delta = b'data: {"type":"speech.audio.delta","audio":""}\n\n'
    events = Request(Kind.ORDINARY, b"", Client(), frozenset({200}), delivery=Delivery.EVENTS)
    assert "without its last event" in check_response(events, answer(200, delta), {}).problem
