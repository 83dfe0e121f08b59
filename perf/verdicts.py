"""The targets, and whether a run met them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from perf.clips import Speed
from perf.results import Results
from perf.streaming import Streaming

_CROWD = 32
_LISTENERS = 16
_BATCH = 16
_MANY_LISTENERS = 1000
_SLOTS = 64


class Outcome(StrEnum):
    """How a target fared."""

    MET = "met"
    MISSED = "missed"
    UNKNOWN = "not measured"


@dataclass(frozen=True)
class Verdict:
    """A target with the value that was measured."""

    target: str
    value: str
    outcome: Outcome


def judge(results: Results) -> list[Verdict]:
    """Judge by the targets of the device that it ran on."""
    targets = _GPU_TARGETS if results.facts.device == "cuda" else _CPU_TARGETS
    return [target(results) for target in targets]


def _at_least(target: str, value: float | None, bound: float, form: str) -> Verdict:
    """Judge a value that should be large; `form` formats it."""
    return _verdict(target, value, form, value is not None and value >= bound)


def _at_most(target: str, value: float | None, bound: float, form: str) -> Verdict:
    """Judge a value that should be small; `form` formats it."""
    return _verdict(target, value, form, value is not None and value <= bound)


def _verdict(target: str, value: float | None, form: str, met: bool) -> Verdict:
    if value is None:
        return Verdict(target, "", Outcome.UNKNOWN)
    return Verdict(target, form.format(value), Outcome.MET if met else Outcome.MISSED)


def _ratio(ours: Speed | None, theirs: Speed | None) -> float | None:
    return ours.times_real_time / theirs.times_real_time if ours and theirs else None


# On a CPU.


def _whole_against_alone(results: Results) -> Verdict:
    ratio = _ratio(results.engine.speed(_CROWD), results.upstream.speed(1))
    return _at_least(f"{_CROWD} whole clips at once ≥ 25x upstream alone", ratio, 25, "{:.1f}x")


def _whole_against_batch(results: Results) -> Verdict:
    ratio = _ratio(results.engine.speed(_CROWD), results.upstream.speed(_BATCH))
    return _at_least(f"{_CROWD} whole clips at once ≥ 5x upstream's batch of {_BATCH}", ratio, 5, "{:.1f}x")


def _alone_against_alone(results: Results) -> Verdict:
    ratio = _ratio(results.engine.speed(1), results.upstream.speed(1))
    return _at_least("one clip alone ≥ 2.5x upstream alone", ratio, 2.5, "{:.1f}x")


def _first_audio_against_upstream(results: Results) -> Verdict:
    ours, theirs = results.engine.streams(1), results.upstream.streams(1)
    share = ours.first_audio_p50 / theirs.first_audio_p50 if ours and theirs else None
    return _at_most("first audio alone ≤ 1/3 of upstream's", share, 1 / 3, "{:.2f}")


def _listeners(results: Results) -> Verdict:
    return _streams(
        f"{_LISTENERS} streams: p99 of first audio < 1 s, none stalls", results.engine.streams(_LISTENERS), 1
    )


def _streams(target: str, streaming: Streaming | None, bound: float) -> Verdict:
    if streaming is None:
        return Verdict(target, "", Outcome.UNKNOWN)
    met = streaming.first_audio_p99 < bound and not streaming.stalled
    value = f"{1000 * streaming.first_audio_p99:.0f} ms, {streaming.stalled} of {streaming.streams} stalled"
    return Verdict(target, value, Outcome.MET if met else Outcome.MISSED)


def _step_alone(results: Results) -> Verdict:
    steps, machine = results.steps, results.machine
    share = None
    if steps and machine and (seconds := steps.step(1)):
        share = steps.weight_bytes / machine.read_bandwidth / seconds
    return _at_least("decode step alone ≥ 60 % of the memory's bandwidth", share, 0.6, "{:.0%}")


def _step_crowded(results: Results) -> Verdict:
    steps, machine = results.steps, results.machine
    share = None
    if steps and machine and (peak := machine.peak(steps.dtype)):
        share = next((steps.gflops(step) / peak for step in steps.decode if step.rows == 64), None)
    return _at_least("decode step of 64 rows ≥ 50 % of the peak of its matrix sizes", share, 0.5, "{:.0%}")


def _burst(results: Results) -> Verdict:
    delay = results.burst.delay_steps if results.burst else None
    return _at_most("a burst delays a running stream by ≤ 2 decode steps", delay, 2, "{:.1f} steps")


def _burst_beyond_rows(results: Results) -> Verdict:
    burst = results.burst
    pause = (burst.delay - burst.delay_of_slower_steps) / burst.quiet_step if burst else None
    return _at_most("  the same without what steps of more rows cost", pause, 2, "{:.1f} steps")


def _long_text_first_audio(results: Results) -> Verdict:
    text = results.long_text
    excess = text.first_audio / text.first_audio_short - 1 if text else None
    return _at_most("first audio of a long text within 10 % of a short one's", excess, 0.1, "{:+.0%}")


def _long_text_whole(results: Results) -> Verdict:
    target = "a long text takes ≤ 2x its longest sentence plus its share"
    text, speed = results.long_text, results.engine.speed(_CROWD)
    if text is None or speed is None:
        return Verdict(target, "", Outcome.UNKNOWN)
    allowed = text.allowed(speed.times_real_time)
    met = text.whole <= allowed
    return Verdict(target, f"{text.whole:.2f} s of {allowed:.2f} s", Outcome.MET if met else Outcome.MISSED)


def _memory(results: Results) -> Verdict:
    memory = results.engine.memory if _all_slots_used(results) else None
    return _at_most(f"memory ≤ 1.2 GB with {_SLOTS} slots", memory.resident / 1e9 if memory else None, 1.2, "{:.2f} GB")


def _all_slots_used(results: Results) -> bool:
    return results.slots == _SLOTS and results.engine.speed(_SLOTS) is not None


# On an H100.


def _offline(results: Results) -> Verdict:
    speeds = [speed.times_real_time for speed in results.engine.whole]
    return _at_least("whole clips ≥ 20,000x real time", max(speeds, default=None), 20_000, "{:,.0f}x")


def _first_audio(results: Results) -> Verdict:
    alone = results.engine.streams(1)
    return _at_most("first audio alone ≤ 10 ms", 1000 * alone.first_audio_p50 if alone else None, 10, "{:.1f} ms")


def _many_listeners(results: Results) -> Verdict:
    crowds = [streaming for streaming in results.engine.streaming if streaming.concurrency >= _MANY_LISTENERS]
    target = f"{_MANY_LISTENERS} streams: p99 of first audio < 100 ms, none stalls"
    return _streams(target, crowds[0] if crowds else None, 0.1)


def _gpu_memory(results: Results) -> Verdict:
    memory = results.engine.memory if _all_slots_used(results) else None
    return _at_most(
        f"GPU memory ≤ 1 GB with {_SLOTS} slots", memory.gpu_reserved / 1e9 if memory else None, 1.0, "{:.2f} GB"
    )


_CPU_TARGETS: tuple[Callable[[Results], Verdict], ...] = (
    _whole_against_alone,
    _whole_against_batch,
    _alone_against_alone,
    _first_audio_against_upstream,
    _listeners,
    _step_alone,
    _step_crowded,
    _burst,
    _burst_beyond_rows,
    _long_text_first_audio,
    _long_text_whole,
    _memory,
)
_GPU_TARGETS: tuple[Callable[[Results], Verdict], ...] = (_offline, _first_audio, _many_listeners, _gpu_memory)
