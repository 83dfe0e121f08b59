from dataclasses import replace

import pytest

from measuring.host import Memory
from measuring.verdicts import Outcome
from perf.engine_measurements import Contender, DecodeStep, Results, Streaming
from perf.measurements import BARE_ENGINE, OUR_SPEECH, OUR_TRITON, PLAIN_PORT, UPSTREAM_SERVER
from perf.report.targets import judge_engine, judge_servers
from tests.perf import invented
from tests.perf.conftest import empty_results, speed, streaming
from tests.perf.invented import complete_results, series


def outcomes(results: Results) -> dict[str, Outcome]:
    return {verdict.target: verdict.outcome for verdict in judge_engine(results)}


def missed(results: Results) -> list[str]:
    return [target for target, outcome in outcomes(results).items() if outcome is not Outcome.MET]


def test_every_target_is_met(results: Results) -> None:
    assert missed(results) == []


def test_nothing_measured_meets_nothing() -> None:
    assert set(outcomes(empty_results()).values()) == {Outcome.UNKNOWN}
    assert set(outcomes(empty_results("cuda")).values()) == {Outcome.UNKNOWN}


def test_throughput_is_compared_with_upstream_alone_and_in_batches(results: Results) -> None:
    results.engine.whole = [speed(1, 4.9), speed(32, 49.0), speed(64, 70.0)]
    assert missed(results) == [
        "32 whole clips at once ≥ 25x upstream alone",
        "32 whole clips at once ≥ 5x upstream's batch of 16",
        "one clip alone ≥ 2.5x upstream alone",
    ]


def test_first_audio_is_compared_with_upstreams(results: Results) -> None:
    results.engine.streaming[0] = streaming(1, 0.08)
    assert missed(results) == ["first audio alone ≤ 1/3 of upstream's"]


@pytest.mark.parametrize("crowd", [streaming(16, 1.0), streaming(16, 0.5, stall=0.01)], ids=["late", "stalls"])
def test_listeners_must_hear_soon_and_without_a_break(results: Results, crowd: Streaming) -> None:
    results.engine.streaming[1] = crowd
    assert missed(results) == ["16 streams: p99 of first audio < 1 s, none stalls"]


def test_steps_are_compared_with_the_machine(results: Results) -> None:
    # 5 ms to read the weights, of which 60 % is 8.3 ms; 9.6 GFLOP in 64 rows, of which half the peak is 38.4 ms.
    assert results.steps
    results.steps = replace(results.steps, decode=(DecodeStep(1, 0.0084), DecodeStep(64, 0.0385)))
    assert missed(results) == [
        "decode step alone ≥ 60 % of the memory's bandwidth",
        "decode step of 64 rows ≥ 50 % of the peak of its matrix sizes",
    ]


def test_steps_are_compared_with_the_peak_in_their_own_precision(results: Results) -> None:
    assert results.steps
    results.steps = replace(results.steps, dtype="float32")
    assert outcomes(results)["decode step of 64 rows ≥ 50 % of the peak of its matrix sizes"] is Outcome.UNKNOWN


def test_burst(results: Results) -> None:
    assert results.burst
    results.burst = replace(results.burst, delay_steps=2.1)
    assert missed(results) == ["a burst delays a running stream by ≤ 2 decode steps"]


def test_long_text(results: Results) -> None:
    assert results.long_text
    # Twice a second for its longest sentence, and 5 s for 300 s of audio at 60 times real time.
    results.long_text = replace(results.long_text, first_audio=0.078, whole=7.1)
    assert missed(results) == [
        "first audio of a long text within 10 % of a short one's",
        "a long text takes ≤ 2x its longest sentence plus its share",
    ]


def test_memory_counts_only_with_all_slots_used(results: Results) -> None:
    target = "memory ≤ 1.2 GB with 64 slots"
    results.engine.memory = Memory(1_300_000_000, 0, 0)
    assert missed(results) == [target]
    results.engine.whole.pop()
    assert outcomes(results)[target] is Outcome.UNKNOWN


def test_a_gpu_has_its_own_targets() -> None:
    results = empty_results("cuda")
    results.engine = Contender(
        whole=[speed(64, 9_000.0), speed(512, 21_000.0)],
        streaming=[streaming(1, 0.009), streaming(1024, 0.09)],
        memory=Memory(5_000_000_000, 900_000_000, 990_000_000),
    )
    assert len(outcomes(results)) == 4
    assert missed(results) == []


def test_a_gpu_misses_its_targets() -> None:
    results = empty_results("cuda")
    results.engine = Contender(
        whole=[speed(64, 9_000.0)],
        streaming=[streaming(1, 0.011), streaming(1024, 0.11)],
        memory=Memory(5_000_000_000, 900_000_000, 1_010_000_000),
    )
    assert set(outcomes(results).values()) == {Outcome.MISSED}


def test_all_met() -> None:
    verdicts = judge_servers(complete_results())
    assert [verdict.outcome for verdict in verdicts] == [Outcome.MET] * 3
    assert verdicts[0].value == "21.1 times (21.0 to 21.2)"


def test_all_missed() -> None:
    results = invented.empty_results()
    results.alternatives = [
        *(series(OUR_SPEECH, 19.9), series(UPSTREAM_SERVER, 1.0)),
        *(series(OUR_TRITON, 19.0), series(PLAIN_PORT, 4.9)),
    ]
    results.stages = [series(BARE_ENGINE, 20.0), series("Triton", 19.0), series("proxy", 15.8)]
    verdicts = judge_servers(results)
    assert [verdict.outcome for verdict in verdicts] == [Outcome.MISSED] * 3
    assert verdicts[2].value == "21% (21% to 21%)"


def test_nothing_is_known_of_what_was_not_measured() -> None:
    results = invented.empty_results()
    results.alternatives = [series("ours", 19.9), series("another", 1.0)]
    results.stages = [series(BARE_ENGINE, 20.0)]
    assert [verdict.outcome for verdict in judge_servers(results)] == [Outcome.UNKNOWN] * 3
