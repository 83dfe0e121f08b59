"""The results as pictures."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, LogLocator, NullLocator, StrMethodFormatter

from perf.burst import BurstRun
from perf.clips import Speed
from perf.results import Results
from perf.streaming import Streaming

_OURS, _THEIRS, _LIMIT = "tab:blue", "tab:orange", "tab:gray"


def save_plots(results: Results, directory: Path, stem: str) -> list[Path]:
    """Write `<stem>-<subject>.png` to `directory` for everything that was measured; return the files."""
    files = []
    for subject, measured, draw in _subjects(results):
        if measured:
            figure = Figure(figsize=(8, 5), layout="constrained")
            FigureCanvasAgg(figure)  # draws in memory: there need be no screen
            draw(figure.subplots(), results)
            figure.supxlabel(_caption(results), x=0.99, ha="right", fontsize=7, color=_LIMIT)
            file = directory / f"{stem}-{subject}.png"
            figure.savefig(file, dpi=120)
            files.append(file)
    return files


def _subjects(results: Results) -> Sequence[tuple[str, bool, Callable[[Axes, Results], None]]]:
    return (
        ("throughput", bool(results.engine.whole), _draw_throughput),
        ("first-audio", bool(results.engine.streaming), _draw_first_audio),
        ("burst", results.burst is not None, _draw_burst),
        ("steps", results.steps is not None, _draw_steps),
    )


def _caption(results: Results) -> str:
    facts = results.facts
    where = facts.gpu or f"{facts.processor}, {facts.cores} cores"
    weights = ", synthetic weights" if results.synthetic else ""
    return f"{where}, {facts.dtype}{weights}, commit {facts.commit}, {facts.date[:10]}"


def _draw_throughput(axes: Axes, results: Results) -> None:
    """Speed over concurrency; whole clips are compared with upstream's one at a time."""
    alone = results.upstream.speed(1)
    ours, theirs = results.engine.whole, results.upstream.whole
    axes.plot(*_speeds(ours), "o-", color=_OURS, label="engine, whole clips")
    axes.plot(*_speeds(results.engine.streaming), "s--", color=_OURS, alpha=0.5, label="engine, streaming")
    axes.plot(*_speeds(theirs), "o-", color=_THEIRS, label="upstream, infer and infer_batch")
    for speeds, color, offset in ((ours, _OURS, 9), (theirs, _THEIRS, -16)):
        for speed in speeds if alone else ():
            ratio = f"{speed.times_real_time / alone.times_real_time:.1f}x" if alone else ""
            _annotate(axes, speed.concurrency, speed.times_real_time, ratio, color, offset)
    _label(axes, "Throughput (beside each point: times upstream alone)", "texts at once", "x real time")
    _logarithmic(axes, [speed.concurrency for speed in (*ours, *theirs)])


def _speeds(figures: Sequence[Speed] | Sequence[Streaming]) -> tuple[list[int], list[float]]:
    return [each.concurrency for each in figures], [each.times_real_time for each in figures]


def _draw_first_audio(axes: Axes, results: Results) -> None:
    """Time to first audio over concurrency, with upstream's one stream as a line."""
    streaming = results.engine.streaming
    x = [each.concurrency for each in streaming]
    p50, p99 = ([1000 * seconds for seconds in column] for column in _first_audio(streaming))
    axes.plot(x, p99, "v--", color=_OURS, alpha=0.6, label="engine, 99th percentile")
    axes.plot(x, p50, "o-", color=_OURS, label="engine, median")
    for number, value in zip(x, p50, strict=True):
        _annotate(axes, number, value, f"{value:.0f}", _OURS, -16)
    upstream = results.upstream.streams(1)
    if upstream:
        theirs = 1000 * upstream.first_audio_p50
        axes.axhline(theirs, color=_THEIRS, label="upstream's infer_stream, alone, median")
        _annotate(axes, x[0], theirs, f"{theirs:.0f} ({theirs / p50[0]:.1f}x)", _THEIRS, 5)
    _label(axes, "Time to first audio", "streams at once", "ms")
    _logarithmic(axes, x)


def _first_audio(streaming: Iterable[Streaming]) -> tuple[list[float], list[float]]:
    listed = list(streaming)
    return [each.first_audio_p50 for each in listed], [each.first_audio_p99 for each in listed]


def _draw_burst(axes: Axes, results: Results) -> None:
    """How much audio the listeners of the running streams had left at each chunk, in the last repeat."""
    if results.burst is None:
        return
    quiet, crowded = results.burst.repeats[-1]
    _draw_leads(axes, quiet, _LIMIT, "running streams without the burst")
    _draw_leads(axes, crowded, _OURS, "with the burst")
    axes.axvline(0, color=_THEIRS, label=f"{len(crowded.newcomers)} newcomers")
    axes.axhline(0, color="black", linewidth=0.8)
    delay = f"delay of the most delayed chunk: {1000 * results.burst.delay:.0f} ms"
    _label(axes, f"Burst ({delay})", "seconds after the burst", "seconds of audio left as a chunk arrives")
    axes.legend(loc="upper left")


def _draw_leads(axes: Axes, run: BurstRun, color: str, label: str) -> None:
    for index, stream in enumerate(run.running):
        times = [arrival.time - run.time for arrival in stream.arrivals[1:]]
        axes.plot(times, stream.leads, ".-", color=color, alpha=0.7, label=None if index else label)


def _draw_steps(axes: Axes, results: Results) -> None:
    """The decode step over rows, with what the machine would take at its best."""
    steps, machine = results.steps, results.machine
    if steps is None:
        return
    rows = [step.rows for step in steps.decode]
    axes.plot(rows, [1000 * step.seconds for step in steps.decode], "o-", color=_OURS, label="decode step")
    for step in steps.decode:
        _annotate(axes, step.rows, 1000 * step.seconds, f"{1000 * step.seconds:.1f}", _OURS, 9)
    peak = machine.peak(steps.dtype) if machine else None
    if machine and peak:
        reading = steps.weight_bytes / machine.read_bandwidth
        best = [1000 * max(reading, 2e-9 * steps.parameters * number / peak) for number in rows]
        axes.plot(rows, best, "--", color=_LIMIT, label="floor: reading the weights, or the peak of its products")
    _label(axes, f"Decode step of the language model, {steps.dtype}", "rows", "ms")
    _logarithmic(axes, rows)


def _label(axes: Axes, title: str, x: str, y: str) -> None:
    axes.set_title(title)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(alpha=0.3)


def _logarithmic(axes: Axes, numbers: Iterable[int]) -> None:
    """Logarithmic axes with plain numbers, a tick at each of `numbers` along x, and room for the legend."""
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.xaxis.set_major_locator(FixedLocator(sorted(set(numbers))))
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.margins(0.08, 0.15)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high * (high / low) ** 0.2)
    axes.legend(loc="upper left")


def _annotate(axes: Axes, x: float, y: float, text: str, color: str, offset: int) -> None:
    """Write `text` so many points above a point."""
    axes.annotate(text, (x, y), (0, offset), textcoords="offset points", ha="center", color=color, fontsize=9)
