"""All pictures of a run."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure

from perf.load.comparison import measured
from perf.load.listeners import audiences
from perf.load.pictures import canvas
from perf.load.pictures.bars import draw_batching, draw_stages
from perf.load.pictures.canvas import ONE_PANEL, TWO_PANELS, Size
from perf.load.pictures.crowds import draw_listeners, draw_saturation
from perf.load.pictures.curves import draw_first_audio, draw_latency, draw_throughput, heard
from perf.load.pictures.sweeps import SIZE, draw_sweep, file_name
from perf.load.results import LoadResults, TuningResults


def save_pictures(directory: Path, results: LoadResults, tuning: TuningResults | None = None) -> list[Path]:
    """Write a PNG to `directory` for everything that was measured; return the files."""
    caption = canvas.caption(results.facts, synthetic=results.synthetic)
    files = [
        canvas.save(directory / f"{subject}.png", size, caption, partial(draw, results))
        for subject, size, draw in _subjects(results)
    ]
    if tuning:
        caption = canvas.caption(tuning.facts, synthetic=results.synthetic)
        sweeps = [sweep for sweep in tuning.sweeps if measured(sweep.series)]
        files += [
            canvas.save(directory / file_name(sweep), SIZE, caption, partial(draw_sweep, sweep)) for sweep in sweeps
        ]
    return files


def _subjects(results: LoadResults) -> Iterator[tuple[str, Size, Callable[[LoadResults, Figure], None]]]:
    """Yield name, size and drawing of what was measured."""
    if heard([*results.whole, *results.streamed, *results.speech]):
        yield "throughput", ONE_PANEL, draw_throughput
    if heard([*results.whole, *results.whole_rates]):
        yield "latency", TWO_PANELS, draw_latency
    if heard([*results.streamed, *results.speech]):
        yield "first-audio", TWO_PANELS, draw_first_audio
    if audiences(results.speech) or audiences(results.speech_rates):
        yield "listeners", TWO_PANELS, draw_listeners
    if audiences(results.speech_rates):
        yield "saturation", TWO_PANELS, draw_saturation
    if measured(results.batching) or measured(results.alternatives):
        yield "batching", ONE_PANEL, draw_batching
    if measured(results.stages):
        yield "stages", ONE_PANEL, draw_stages
