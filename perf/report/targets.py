"""The targets of the experiments on the engine and on the servers, and whether a run meets them."""

from collections.abc import Iterator

from measuring.verdicts import Verdict, at_least, at_most, unknown, verdict
from perf.engine_measurements import Results, Speed, Streaming
from perf.measurements import BARE_ENGINE, PLAIN_PORT, UPSTREAM_SERVER
from perf.report.comparison import cost, groups, measured, named, ratio
from perf.report.results import LoadResults
from perf.report.tables import percent

_CROWD = 32
_LISTENERS = 16
_BATCH = 16
_MANY_LISTENERS = 1000
_SLOTS = 64
_TIMES_UPSTREAM = 20.0
_TIMES_PLAIN_PORT = 4.0
_PATH_COST = 0.20


def judge_engine(results: Results) -> list[Verdict]:
    """Judge by the targets for the device of the run."""
    if results.facts.device == "cuda":
        return list(_on_gpu(results))
    return [*_against_upstream(results), *_steps(results), *_burst(results), *_long_text(results), _memory(results)]


def judge_servers(results: LoadResults) -> list[Verdict]:
    """Judge by the medians of the repeats."""
    return [
        _times_as_fast(results, UPSTREAM_SERVER, _TIMES_UPSTREAM),
        _times_as_fast(results, PLAIN_PORT, _TIMES_PLAIN_PORT),
        _path(results),
    ]


def _against_upstream(results: Results) -> Iterator[Verdict]:
    ours, theirs = results.engine, results.upstream
    alone, batch, crowd = theirs.speed(1), theirs.speed(_BATCH), ours.speed(_CROWD)
    yield at_least(f"{_CROWD} whole clips at once ≥ 25x upstream alone", _ratio(crowd, alone), 25, "{:.1f}x")
    target = f"{_CROWD} whole clips at once ≥ 5x upstream's batch of {_BATCH}"
    yield at_least(target, _ratio(crowd, batch), 5, "{:.1f}x")
    yield at_least("one clip alone ≥ 2.5x upstream alone", _ratio(ours.speed(1), alone), 2.5, "{:.1f}x")
    our_stream, their_stream = ours.streams(1), theirs.streams(1)
    share = our_stream.first_audio_p50 / their_stream.first_audio_p50 if our_stream and their_stream else None
    yield at_most("first audio alone ≤ 1/3 of upstream's", share, 1 / 3, "{:.2f}")
    yield _streams(f"{_LISTENERS} streams: p99 of first audio < 1 s, none stalls", ours.streams(_LISTENERS), 1)


def _steps(results: Results) -> Iterator[Verdict]:
    steps, machine = results.steps, results.machine
    bandwidth = peak = None
    if steps and machine:
        if seconds := steps.step(1):
            bandwidth = steps.weight_bytes / machine.read_bandwidth / seconds
        if most := machine.peak(steps.dtype):
            peak = next((steps.gflops(step) / most for step in steps.decode if step.rows == 64), None)
    yield at_least("decode step alone ≥ 60 % of the memory's bandwidth", bandwidth, 0.6, "{:.0%}")
    yield at_least("decode step of 64 rows ≥ 50 % of the peak of its matrix sizes", peak, 0.5, "{:.0%}")


def _burst(results: Results) -> Iterator[Verdict]:
    burst = results.burst
    delay = burst.delay_steps if burst else None
    yield at_most("a burst delays a running stream by ≤ 2 decode steps", delay, 2, "{:.1f} steps")
    pause = (burst.delay - burst.delay_of_slower_steps) / burst.quiet_step if burst else None
    yield at_most("  the same without the cost of more rows in a step", pause, 2, "{:.1f} steps")


def _long_text(results: Results) -> Iterator[Verdict]:
    text, speed = results.long_text, results.engine.speed(_CROWD)
    excess = text.first_audio / text.first_audio_short - 1 if text else None
    yield at_most("first audio of a long text within 10 % of a short one's", excess, 0.1, "{:+.0%}")
    target = "a long text takes ≤ 2x its longest sentence plus its share"
    if text is None or speed is None:
        yield unknown(target)
    else:
        allowed = text.allowed(speed.times_real_time)
        yield verdict(target, f"{text.whole:.2f} s of {allowed:.2f} s", met=text.whole <= allowed)


def _memory(results: Results) -> Verdict:
    memory = results.engine.memory if _all_slots_used(results) else None
    return at_most(f"memory ≤ 1.2 GB with {_SLOTS} slots", memory.resident / 1e9 if memory else None, 1.2, "{:.2f} GB")


def _on_gpu(results: Results) -> Iterator[Verdict]:
    """Judge by the targets of an H100."""
    engine = results.engine
    fastest = max((speed.times_real_time for speed in engine.whole), default=None)
    yield at_least("whole clips ≥ 20,000x real time", fastest, 20_000, "{:,.0f}x")
    alone = engine.streams(1)
    yield at_most("first audio alone ≤ 10 ms", 1000 * alone.first_audio_p50 if alone else None, 10, "{:.1f} ms")
    crowd = next((each for each in engine.streaming if each.concurrency >= _MANY_LISTENERS), None)
    yield _streams(f"{_MANY_LISTENERS} streams: p99 of first audio < 100 ms, none stalls", crowd, 0.1)
    reserved = engine.memory.gpu_reserved / 1e9 if engine.memory and _all_slots_used(results) else None
    yield at_most(f"GPU memory ≤ 1 GB with {_SLOTS} slots", reserved, 1.0, "{:.2f} GB")


def _ratio(ours: Speed | None, theirs: Speed | None) -> float | None:
    return ours.times_real_time / theirs.times_real_time if ours and theirs else None


def _streams(target: str, streaming: Streaming | None, bound: float) -> Verdict:
    if streaming is None:
        return unknown(target)
    value = f"{1000 * streaming.first_audio_p99:.0f} ms, {streaming.stalled} of {streaming.streams} stalled"
    return verdict(target, value, met=streaming.first_audio_p99 < bound and not streaming.stalled)


def _all_slots_used(results: Results) -> bool:
    return results.slots == _SLOTS and results.engine.speed(_SLOTS) is not None


def _times_as_fast(results: LoadResults, name: str, bound: float) -> Verdict:
    target = f"at least {bound:g} times the throughput of {name}"
    pairs = ((group.ours, series) for group in groups(results.alternatives) for series in group.others)
    times = next((ratio(ours, theirs) for ours, theirs in pairs if theirs.name == name), None)
    if times is None:
        return unknown(target)
    return verdict(
        target, f"{times.median:.1f} times ({times.least:.1f} to {times.most:.1f})", met=times.median >= bound
    )


def _path(results: LoadResults) -> Verdict:
    """Judge the last stage, which contains everything above the engine."""
    target = f"everything above the bare engine costs at most {_PATH_COST:.0%} of its throughput"
    engine = named(results.stages, BARE_ENGINE)
    path = [series for series in measured(results.stages) if series is not engine][-1:]
    share = ratio(path[0], engine) if path and engine else None
    if share is None:
        return unknown(target)
    taken = cost(share)
    return verdict(target, percent(taken), met=taken.median <= _PATH_COST)
