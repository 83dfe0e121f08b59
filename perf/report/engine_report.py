"""The results of the experiment on the engine: a table for each scenario, the verdicts, and plots."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from measuring.host import Memory
from measuring.stream import SECONDS_PER_STATE
from perf.engine_measurements import Burst, Contender, LongText, MachineSpeed, Results, Speed, StepTimes, Streaming
from perf.report.plots import ONE_PANEL, OURS, THEIRS, annotate, caption, clients_along_x, label, logarithmic_y, plot
from perf.report.results import save
from perf.report.tables import titled_table

_STREAMING_HEADINGS = (
    *(">at once", ">p50 ms", ">p99 ms", ">x real time"),
    *(">least buffered s", ">stalled", ">worst stall s"),
)


def save_report(results: Results, directory: Path, stem: str) -> list[Path]:
    """Write `<stem>.json` and the plots `<stem>-<subject>.png` to `directory`; return the files."""
    files = [save(directory / f"{stem}.json", results)]
    below = caption(results.facts, synthetic=results.synthetic)
    for subject, measured, draw in (
        ("throughput", results.engine.whole, _draw_throughput),
        ("first-audio", results.engine.streaming, _draw_first_audio),
    ):
        if measured:
            files.append(plot(directory / f"{stem}-{subject}.png", ONE_PANEL, below, partial(draw, results)))
    return files


def tables(results: Results) -> Iterator[str]:
    """Yield a table in Markdown for everything that was measured."""
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
    if results.verdicts:
        rows = [(each.target, each.value, each.outcome) for each in results.verdicts]
        yield titled_table("Targets", ("", "measured", ""), rows)


def _conditions(results: Results) -> str:
    facts = results.facts
    weights = "synthetic: random weights, which make noise; " if results.synthetic else ""
    rows = [
        ("processor", f"{facts.processor}, {facts.cores} cores"),
        *([("GPU", facts.gpu)] if facts.gpu else []),
        ("engine", f"{facts.dtype} on {facts.device}, commit {facts.commit}"),
        ("upstream", f"soprano-tts {facts.soprano_tts} on transformers {facts.transformers}"),
        ("PyTorch", f"{facts.torch}, {facts.threads} threads, Python {facts.python}"),
        ("date", facts.date),
        ("other programs", f"{results.other_load:.2f} cores busy on average"),
        ("checkpoint", f"{weights}{results.checkpoint}"),
        ("slots, repeats", f"{results.slots}, {results.repeats}"),
    ]
    return titled_table("Conditions", ("", ""), rows)


def _machine(machine: MachineSpeed) -> str:
    rows = [("memory read", "", f"{machine.read_bandwidth / 1e9:.1f} GB/s")]
    for dtype, method in dict.fromkeys((each.dtype, each.method) for each in machine.matrices):
        speeds = [each for each in machine.matrices if (each.dtype, each.method) == (dtype, method)]
        at_64 = max((each.gflops for each in speeds if each.rows == 64), default=0.0)
        at_any = max(each.gflops for each in speeds)
        rows.append((f"best product, {dtype}, {method}", f"{at_64:,.0f} GFLOP/s", f"{at_any:,.0f} GFLOP/s"))
    return titled_table("Machine", ("", ">64 rows", ">any rows"), rows)


def _decode_steps(steps: StepTimes, machine: MachineSpeed | None) -> str:
    peak = machine.peak(steps.dtype) if machine else None
    rows = [
        (
            str(step.rows),
            _ms(step.seconds, 2),
            f"{steps.weight_bytes / machine.read_bandwidth / step.seconds:.0%}" if machine else "",
            f"{steps.gflops(step):,.0f}",
            f"{steps.gflops(step) / peak:.0%}" if peak else "",
        )
        for step in steps.decode
    ]
    headings = (">rows", ">ms", ">of bandwidth", ">GFLOP/s", ">of peak")
    return titled_table("Decode step of the language model", headings, rows)


def _decoder_steps(steps: StepTimes) -> str:
    rows = [
        (
            str(step.rows),
            str(step.states),
            _ms(step.seconds, 1),
            f"{step.rows * step.states * SECONDS_PER_STATE / step.seconds:.0f}",
        )
        for step in steps.decoder
    ]
    return titled_table("Audio decoder", (">rows", ">states", ">ms", ">x real time"), rows)


def _whole(ours: Contender, theirs: Contender) -> str:
    alone = theirs.speed(1)
    rows = []
    for number in sorted({speed.concurrency for speed in (*ours.whole, *theirs.whole)}):
        engine, upstream = ours.speed(number), theirs.speed(number)
        rows.append(
            (
                str(number),
                f"{engine.times_real_time:.1f}" if engine else "",
                f"{upstream.times_real_time:.1f}" if upstream else "",
                f"{engine.times_real_time / upstream.times_real_time:.1f}" if engine and upstream else "",
                f"{engine.times_real_time / alone.times_real_time:.1f}" if engine and alone else "",
            )
        )
    headings = (">at once", ">engine", ">upstream", ">ratio", ">to upstream alone")
    return titled_table("Whole clips, x real time", headings, rows)


def _streaming(ours: Contender, theirs: Contender) -> str:
    rows = [
        (name, *_streaming_row(streaming))
        for name, contender in (("engine", ours), ("upstream", theirs))
        for streaming in contender.streaming
    ]
    engine, upstream = ours.streams(1), theirs.streams(1)
    if engine and upstream:
        first = f"{engine.first_audio_p50 / upstream.first_audio_p50:.2f}"
        rows.append(("ratio", "1", first, "", f"{engine.times_real_time / upstream.times_real_time:.1f}", "", "", ""))
    return titled_table("Streaming: time to first audio", ("", *_STREAMING_HEADINGS), rows)


def _streaming_row(streaming: Streaming) -> tuple[str, ...]:
    return (
        str(streaming.concurrency),
        _ms(streaming.first_audio_p50),
        _ms(streaming.first_audio_p99),
        f"{streaming.times_real_time:.1f}",
        f"{streaming.least_buffered:.2f}",
        f"{streaming.stalled} of {streaming.streams}",
        f"{streaming.worst_stall:.2f}" if streaming.stalled else "",
    )


def _burst(burst: Burst) -> str:
    rows = [
        ("decode step, ms", _ms(burst.quiet_step, 1), _ms(burst.crowded_step, 1)),
        ("longest gap between chunks, ms", _ms(burst.longest_gap_quiet), _ms(burst.longest_gap)),
        ("least buffered, s", f"{burst.least_buffered_quiet:.2f}", f"{burst.least_buffered:.2f}"),
        ("delay of the most delayed chunk, ms", "", _ms(burst.delay)),
        ("  of which from slower steps, ms", "", _ms(burst.delay_of_slower_steps)),
        ("  in decode steps", "", f"{burst.delay_steps:.1f}"),
        ("newcomers' first audio p50, ms", "", _ms(burst.first_audio_p50)),
        ("newcomers' first audio p99, ms", "", _ms(burst.first_audio_p99)),
    ]
    title = f"Burst: {burst.newcomers} join {burst.running} running streams"
    return titled_table(title, ("", ">without", ">with"), rows)


def _long_text(text: LongText, crowd: Speed | None) -> str:
    rows = [
        ("first audio, ms", _ms(text.first_audio_short), _ms(text.first_audio)),
        ("whole, s", "", f"{text.whole:.2f}"),
        ("  audio, s", "", f"{text.audio:.1f}"),
        ("  its longest sentence alone, s", "", f"{text.longest_sentence:.2f}"),
    ]
    if crowd:
        rows.append(("  its share at 32 at once, s", "", f"{text.audio / crowd.times_real_time:.2f}"))
    headings = ("", f">{text.characters_short} characters", f">{text.characters} characters")
    return titled_table("Long text", headings, rows)


def _memory(ours: Contender, theirs: Contender) -> str:
    rows = [
        (name, *_gigabytes(contender.memory))
        for name, contender in (("engine", ours), ("upstream", theirs))
        if contender.memory
    ]
    return titled_table("Peak memory, GB", ("", ">resident", ">GPU allocated", ">GPU reserved"), rows)


def _gigabytes(memory: Memory) -> tuple[str, ...]:
    gpu = (f"{size / 1e9:.2f}" if size else "" for size in (memory.gpu_allocated, memory.gpu_reserved))
    return (f"{memory.resident / 1e9:.2f}", *gpu)


def _ms(seconds: float, digits: int = 0) -> str:
    return f"{1000 * seconds:.{digits}f}"


def _draw_throughput(results: Results, figure: Figure) -> None:
    """Draw the speed over the concurrency; labels compare whole clips with upstream alone."""
    axes = figure.subplots()
    alone = results.upstream.speed(1)
    ours, theirs = results.engine.whole, results.upstream.whole
    axes.plot(*_speeds(ours), "o-", color=OURS, label="engine, whole clips")
    axes.plot(*_speeds(results.engine.streaming), "s--", color=OURS, alpha=0.5, label="engine, streaming")
    axes.plot(*_speeds(theirs), "o-", color=THEIRS, label="upstream, infer and infer_batch")
    for speeds, color, offset in ((ours, OURS, 9), (theirs, THEIRS, -16)):
        for speed in speeds if alone else ():
            ratio = f"{speed.times_real_time / alone.times_real_time:.1f}x" if alone else ""
            annotate(axes, speed.concurrency, speed.times_real_time, ratio, color, (0, offset))
    title = "Throughput (beside each point: times upstream alone)"
    _finish(axes, (title, "texts at once", "x real time"), [speed.concurrency for speed in (*ours, *theirs)])


def _speeds(figures: Sequence[Speed] | Sequence[Streaming]) -> tuple[list[int], list[float]]:
    return [each.concurrency for each in figures], [each.times_real_time for each in figures]


def _draw_first_audio(results: Results, figure: Figure) -> None:
    """Time to first audio over concurrency, with upstream's one stream as a line."""
    axes = figure.subplots()
    streaming = results.engine.streaming
    x = [each.concurrency for each in streaming]
    p50 = [1000 * each.first_audio_p50 for each in streaming]
    axes.plot(x, [1000 * each.first_audio_p99 for each in streaming], "v--", color=OURS, alpha=0.6, label="engine, p99")
    axes.plot(x, p50, "o-", color=OURS, label="engine, median")
    for number, value in zip(x, p50, strict=True):
        annotate(axes, number, value, f"{value:.0f}", OURS, (0, -16))
    if upstream := results.upstream.streams(1):
        theirs = 1000 * upstream.first_audio_p50
        axes.axhline(theirs, color=THEIRS, label="upstream's infer_stream, alone, median")
        annotate(axes, x[0], theirs, f"{theirs:.0f} ({theirs / p50[0]:.1f}x)", THEIRS, (0, 5))
    _finish(axes, ("Time to first audio", "streams at once", "ms"), x)


def _finish(axes: Axes, labels: tuple[str, str, str], numbers: Iterable[int]) -> None:
    label(axes, *labels)
    clients_along_x(axes, numbers)
    axes.margins(x=0.08)
    logarithmic_y(axes, 0.2)
    axes.legend(loc="upper left")
