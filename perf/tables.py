"""The results as a person reads them: one table for each scenario, and the verdicts."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.table import Table

from perf.burst import Burst
from perf.clips import Speed
from perf.long_text import LongText
from perf.results import Contender, Facts, MachineSpeed, Memory, Results, StepTimes
from perf.stream import SECONDS_PER_STATE
from perf.streaming import Streaming
from perf.verdicts import Outcome, Verdict

_STREAMING_HEADINGS = (
    ">at once",
    ">p50 ms",
    ">p99 ms",
    ">x real time",
    ">smallest lead s",
    ">stalled",
    ">worst stall s",
)
_COLORS = {Outcome.MET: "green", Outcome.MISSED: "red", Outcome.UNKNOWN: "yellow"}


def tables(results: Results) -> Iterator[Table]:
    """Yield a table for everything that was measured."""
    yield _conditions(results)
    if results.machine:
        yield _machine(results.machine)
    if results.steps:
        yield _decode_steps(results.steps, results.machine)
        yield _decoder_steps(results.steps)
    if results.engine.whole:
        yield _whole(results.engine, results.upstream)
    if results.engine.streaming:
        yield _streaming(results.engine, results.upstream)
    if results.burst:
        yield _burst(results.burst)
    if results.long_text:
        yield _long_text(results.long_text, results.engine.speed(32))
    if results.engine.memory:
        yield _memory(results.engine, results.upstream)


def verdict_table(verdicts: Sequence[Verdict]) -> Table:
    """Return the targets, what was measured and whether that meets them."""
    table = _table("Targets", "", "measured", "")
    for verdict in verdicts:
        outcome = f"[{_COLORS[verdict.outcome]}]{verdict.outcome}[/]"
        table.add_row(verdict.target, verdict.value, outcome)
    return table


def _conditions(results: Results) -> Table:
    facts = results.facts
    table = _table("Conditions", "", "")
    for row in _facts(facts):
        table.add_row(*row)
    table.add_row("other programs", f"{results.other_load:.2f} cores busy on average")
    weights = "synthetic: random weights, which make noise; " if results.synthetic else ""
    table.add_row("checkpoint", f"{weights}{results.checkpoint}")
    table.add_row("slots, repeats", f"{results.slots}, {results.repeats}")
    return table


def _facts(facts: Facts) -> Iterator[tuple[str, str]]:
    yield "processor", f"{facts.processor}, {facts.cores} cores"
    if facts.gpu:
        yield "GPU", facts.gpu
    yield "engine", f"{facts.dtype} on {facts.device}, commit {facts.commit}"
    yield "upstream", f"soprano-tts {facts.soprano_tts} on transformers {facts.transformers}"
    yield "PyTorch", f"{facts.torch}, {facts.threads} threads, Python {facts.python}"
    yield "date", facts.date


def _machine(machine: MachineSpeed) -> Table:
    table = _table("Machine", "", ">64 rows", ">any rows")
    table.add_row("memory read", "", f"{machine.read_bandwidth / 1e9:.1f} GB/s")
    for dtype, method in dict.fromkeys((each.dtype, each.method) for each in machine.matrices):
        speeds = [each for each in machine.matrices if (each.dtype, each.method) == (dtype, method)]
        at_64 = max((each.gflops for each in speeds if each.rows == 64), default=0.0)
        at_any = max(each.gflops for each in speeds)
        table.add_row(f"best product, {dtype}, {method}", f"{at_64:,.0f} GFLOP/s", f"{at_any:,.0f} GFLOP/s")
    return table


def _decode_steps(steps: StepTimes, machine: MachineSpeed | None) -> Table:
    table = _table("Decode step of the language model", ">rows", ">ms", ">of bandwidth", ">GFLOP/s", ">of peak")
    peak = machine.peak(steps.dtype) if machine else None
    for step in steps.decode:
        table.add_row(
            str(step.rows),
            _ms(step.seconds, 2),
            f"{steps.weight_bytes / machine.read_bandwidth / step.seconds:.0%}" if machine else "",
            f"{steps.gflops(step):,.0f}",
            f"{steps.gflops(step) / peak:.0%}" if peak else "",
        )
    return table


def _decoder_steps(steps: StepTimes) -> Table:
    table = _table("Audio decoder", ">rows", ">states", ">ms", ">x real time")
    for step in steps.decoder:
        speed = step.rows * step.states * SECONDS_PER_STATE / step.seconds
        table.add_row(str(step.rows), str(step.states), _ms(step.seconds, 1), f"{speed:.0f}")
    return table


def _whole(ours: Contender, theirs: Contender) -> Table:
    table = _table("Whole clips, x real time", ">at once", ">engine", ">upstream", ">ratio", ">to upstream alone")
    alone = theirs.speed(1)
    for number in sorted({speed.concurrency for speed in (*ours.whole, *theirs.whole)}):
        engine, upstream = ours.speed(number), theirs.speed(number)
        table.add_row(
            str(number),
            f"{engine.times_real_time:.1f}" if engine else "",
            f"{upstream.times_real_time:.1f}" if upstream else "",
            f"{engine.times_real_time / upstream.times_real_time:.1f}" if engine and upstream else "",
            f"{engine.times_real_time / alone.times_real_time:.1f}" if engine and alone else "",
        )
    return table


def _streaming(ours: Contender, theirs: Contender) -> Table:
    table = _table("Streaming: time to first audio", "", *_STREAMING_HEADINGS)
    for name, contender in (("engine", ours), ("upstream", theirs)):
        for streaming in contender.streaming:
            table.add_row(name, *_streaming_row(streaming))
    engine, upstream = ours.streams(1), theirs.streams(1)
    if engine and upstream:
        first = f"{engine.first_audio_p50 / upstream.first_audio_p50:.2f}"
        table.add_row("ratio", "1", first, "", f"{engine.times_real_time / upstream.times_real_time:.1f}", "", "", "")
    return table


def _streaming_row(streaming: Streaming) -> Sequence[str]:
    return (
        str(streaming.concurrency),
        _ms(streaming.first_audio_p50),
        _ms(streaming.first_audio_p99),
        f"{streaming.times_real_time:.1f}",
        f"{streaming.smallest_lead:.2f}",
        f"{streaming.stalled} of {streaming.streams}",
        f"{streaming.worst_stall:.2f}" if streaming.stalled else "",
    )


def _burst(burst: Burst) -> Table:
    table = _table(f"Burst: {burst.newcomers} join {burst.running} running streams", "", ">without", ">with")
    table.add_row("decode step, ms", _ms(burst.quiet_step, 1), _ms(burst.crowded_step, 1))
    table.add_row("longest gap between chunks, ms", _ms(burst.longest_gap_quiet), _ms(burst.longest_gap))
    table.add_row("smallest lead, s", f"{burst.smallest_lead_quiet:.2f}", f"{burst.smallest_lead:.2f}")
    table.add_row("delay of the most delayed chunk, ms", "", _ms(burst.delay))
    table.add_row("  of which because steps are slower, ms", "", _ms(burst.delay_of_slower_steps))
    table.add_row("  in decode steps", "", f"{burst.delay_steps:.1f}")
    table.add_row("newcomers' first audio p50, ms", "", _ms(burst.first_audio_p50))
    table.add_row("newcomers' first audio p99, ms", "", _ms(burst.first_audio_p99))
    return table


def _long_text(text: LongText, crowd: Speed | None) -> Table:
    table = _table("Long text", "", f">{text.characters_short} characters", f">{text.characters} characters")
    table.add_row("first audio, ms", _ms(text.first_audio_short), _ms(text.first_audio))
    table.add_row("whole, s", "", f"{text.whole:.2f}")
    table.add_row("  audio, s", "", f"{text.audio:.1f}")
    table.add_row("  its longest sentence alone, s", "", f"{text.longest_sentence:.2f}")
    if crowd:
        table.add_row("  its share at 32 at once, s", "", f"{text.audio / crowd.times_real_time:.2f}")
    return table


def _memory(ours: Contender, theirs: Contender) -> Table:
    table = _table("Peak memory, GB", "", ">resident", ">GPU allocated", ">GPU reserved")
    for name, contender in (("engine", ours), ("upstream", theirs)):
        if contender.memory:
            table.add_row(name, *_gigabytes(contender.memory))
    return table


def _gigabytes(memory: Memory) -> Sequence[str]:
    gpu = (f"{size / 1e9:.2f}" if size else "" for size in (memory.gpu_allocated, memory.gpu_reserved))
    return (f"{memory.resident / 1e9:.2f}", *gpu)


def _table(title: str, *headings: str) -> Table:
    """An empty table; headings that begin with `>` stand over numbers."""
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    table.show_header = any(headings)
    for heading in headings:
        table.add_column(heading.removeprefix(">"), justify="right" if heading.startswith(">") else "left")
    return table


def _ms(seconds: float, digits: int = 0) -> str:
    return f"{1000 * seconds:.{digits}f}"
