"""Compares the engine with upstream's `SopranoTTS`, in turn, on the same checkpoint and texts.

Prints tables of medians and ratios and the targets that are met, and saves JSON and plots in `perf/results/`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from engine.checkpoint.files import SYNTHETIC, mark
from engine.checkpoint.synthetic import Size
from measuring import prose
from measuring.command import CheckpointOption, say, weights
from measuring.engine_client import Clips, EngineClient
from measuring.host import OtherLoad, examine
from measuring.interleaved import R, run_interleaved
from measuring.stream import Stream
from measuring.worker import SeparateProcess, Worker
from perf.command import QUICK_RESULTS, RESULTS, Parts, QuickOption, end, experiment, warn
from perf.engine_measurements import Burst, BurstRun, LongText, LongTextRun, Results, Speed, Streaming
from perf.experiments.engine_steps import language_model_matrices, measure_machine, measure_steps
from perf.load_generators.upstream_client import UpstreamClient
from perf.report.engine_report import save_report, tables
from perf.report.targets import judge_engine

Engine = Worker[EngineClient]
Upstream = Worker[UpstreamClient]


class Scenario(StrEnum):
    """The parts of the experiment, in the order in which they run."""

    MACHINE = "machine"
    STEPS = "steps"
    WHOLE = "whole"
    STREAMING = "streaming"
    BURST = "burst"
    LONG_TEXT = "long-text"


_COMPARED = {Scenario.WHOLE, Scenario.STREAMING}
_SPOKEN = _COMPARED | {Scenario.BURST, Scenario.LONG_TEXT}


@dataclass(frozen=True)
class Options:
    """The options of a run; `auto` is not resolved yet."""

    device: str = "auto"
    dtype: str = "auto"
    slots: int = 64
    repeats: int = 3
    streams: tuple[int, ...] = (1, 4, 16, 32, 64)
    upstream_batches: tuple[int, ...] = (4, 16)
    running: int = 4  # streams when a burst comes
    newcomers: int = 16
    long_characters: int = 4000
    first_audio_trials: int = 5  # for each text in each repeat
    matrix_rows: tuple[int, ...] = (64, 128, 256, 512)
    scenarios: tuple[Scenario, ...] = tuple(Scenario)

    @property
    def step_batches(self) -> tuple[int, ...]:
        """The numbers of rows for which the decode step is timed."""
        return tuple(rows for rows in (1, 4, 8, 16, 32, 64, 128, 256, 512, 1024) if rows <= self.slots)

    @property
    def decoder_shapes(self) -> tuple[tuple[int, int], ...]:
        """The numbers of rows and states for which the audio decoder is timed."""
        return tuple((rows, states) for rows in (1, 16, 64) if rows <= self.slots for states in (4, 8, 16))


QUICK = Options(
    slots=8,
    repeats=1,
    streams=(1, 4),
    upstream_batches=(4,),
    running=2,
    newcomers=4,
    long_characters=600,
    first_audio_trials=2,
    matrix_rows=(64,),
)
"""Everything once and small: a check that it works; the figures mean nothing."""


def _numbers(text: str) -> tuple[int, ...]:
    """Read "1,4,16"."""
    try:
        numbers = tuple(int(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if not numbers or min(numbers) < 1:
        raise typer.BadParameter(f"{text!r} is not a list of numbers such as 1,4,16")
    return tuple(sorted(set(numbers)))


def main(
    checkpoint: CheckpointOption = None,
    size: Annotated[
        Literal["full", "small"] | None, typer.Option(help="Of the synthetic checkpoint.  [default: full]")
    ] = None,
    device: Annotated[Literal["auto", "cpu", "cuda"] | None, typer.Option(help="[default: auto]")] = None,
    dtype: Annotated[
        Literal["auto", "float32", "bfloat16"] | None, typer.Option(help="Of the engine.  [default: auto]")
    ] = None,
    slots: Annotated[int | None, typer.Option(min=1, help="Sentences spoken at once.  [default: 64]")] = None,
    repeats: Annotated[int | None, typer.Option(min=1, help="Of each measurement.  [default: 3]")] = None,
    streams: Annotated[
        str | None, typer.Option(metavar="N,N,…", help="Requests at once.  [default: 1,4,16,32,64]")
    ] = None,
    upstream_batches: Annotated[
        str | None, typer.Option(metavar="N,N,…", help="For upstream's infer_batch.  [default: 4,16]")
    ] = None,
    scenario: Annotated[
        list[Scenario] | None, typer.Option(help="Run only this one; may be given more than once.")
    ] = None,
    quick: QuickOption = False,
    results: Annotated[Path | None, typer.Option(help="Directory for JSON and plots.  [default: perf/results]")] = None,
) -> None:
    """Compare the engine with upstream's SopranoTTS: throughput, first audio, bursts, long texts, steps and memory.

    No other program should use the machine during a run. By default it takes about eight minutes on two cores.
    """
    given: dict[str, Any] = {
        "device": device,
        "dtype": dtype,
        "slots": slots,
        "repeats": repeats,
        "streams": streams and _numbers(streams),
        "upstream_batches": upstream_batches and _numbers(upstream_batches),
        "scenarios": scenario and tuple(scenario),
    }
    options = replace(QUICK if quick else Options(), **{name: value for name, value in given.items() if value})
    chosen: Size = size or ("small" if quick else "full")
    meanwhile = OtherLoad()
    with experiment(), weights(checkpoint, chosen) as path, SeparateProcess("machine") as apart:
        measured = Benchmark(options, path, apart).run()
    measured.other_load = meanwhile.cores()
    measured.verdicts = judge_engine(measured)
    warn(measured.other_load, quick=quick)
    typer.echo("\n".join(tables(measured)))
    directory = results or (QUICK_RESULTS if quick else RESULTS)
    end(save_report(measured, directory, _stem(measured, options)), failed=measured.failures)


def _stem(results: Results, options: Options) -> str:
    """The common beginning of the file names. A run of some scenarios does not replace the files of a complete run."""
    part = () if options.scenarios == tuple(Scenario) else options.scenarios
    return "-".join(("engine", results.facts.device, *part))


class Benchmark:
    """One run on one checkpoint. The process `apart` measures the machine and single steps.

    While one process measures, the others wait.
    """

    def __init__(self, options: Options, checkpoint: Path, apart: SeparateProcess) -> None:
        self._options = options
        self._checkpoint = checkpoint
        self._apart = apart
        self._results = Results(
            facts=apart.run(examine, options.device, options.dtype),
            checkpoint=str(checkpoint),
            synthetic=mark(checkpoint) == SYNTHETIC,
            slots=options.slots,
            repeats=options.repeats,
        )
        self._parts = Parts(options.scenarios, self._results.failures)

    def run(self) -> Results:
        """Run the requested scenarios. If one fails, the results note this, and the others still run."""
        self._parts.run(Scenario.MACHINE, self._measure_machine)
        self._parts.run(Scenario.STEPS, self._measure_steps)
        self._apart.close()  # its memory is not needed any more
        if _SPOKEN.intersection(self._options.scenarios):
            with self._parts.noting_failure("engine"), self._start_engine() as engine:
                self._speak(engine)
        return self._results

    def _measure_machine(self) -> None:
        say("machine: memory bandwidth and matrix products")
        matrices = language_model_matrices(self._checkpoint)
        device = self._results.facts.device
        self._results.machine = self._apart.run(measure_machine, device, matrices, self._options.matrix_rows)

    def _measure_steps(self) -> None:
        say("steps: the models' steps by themselves")
        facts, options = self._results.facts, self._options
        shapes = (options.step_batches, options.decoder_shapes)
        self._results.steps = self._apart.run(measure_steps, self._checkpoint, facts.device, facts.dtype, *shapes)

    def _speak(self, engine: Engine) -> None:
        if _COMPARED.intersection(self._options.scenarios):
            with self._parts.noting_failure("upstream"), self._start_upstream() as upstream:
                self._parts.run(Scenario.WHOLE, partial(self._compare_whole, engine, upstream))
                self._parts.run(Scenario.STREAMING, partial(self._compare_streaming, engine, upstream))
                self._results.engine.memory = engine.call(EngineClient.memory)
                self._results.upstream.memory = upstream.call(UpstreamClient.memory)
        self._parts.run(Scenario.BURST, partial(self._measure_burst, engine))
        self._parts.run(Scenario.LONG_TEXT, partial(self._measure_long_text, engine))

    def _start_engine(self) -> Engine:
        say("loading the engine")
        facts, options = self._results.facts, self._options
        most = max(*options.streams, options.running + options.newcomers)
        return Worker("engine", EngineClient, str(self._checkpoint), facts.device, facts.dtype, options.slots, 2 * most)

    def _start_upstream(self) -> Upstream:
        say("loading upstream")
        return Worker("upstream", UpstreamClient, str(self._checkpoint), self._results.facts.device)

    def _compare_whole(self, engine: Engine, upstream: Upstream) -> None:
        """Measure whole clips: the engine with each number of requests, upstream with one text and with batches."""
        ours = {f"whole, engine, {number} at once": number for number in self._options.streams}
        theirs = {f"whole, upstream, {number} at once": number for number in (1, *self._options.upstream_batches)}
        clips = self._run_interleaved(
            {name: partial(_engine_clips, engine, number) for name, number in ours.items()},
            {name: partial(_upstream_clips, upstream, number) for name, number in theirs.items()},
        )
        self._results.engine.whole = [Speed.of(number, clips[name]) for name, number in ours.items()]
        self._results.upstream.whole = [Speed.of(number, clips[name]) for name, number in theirs.items()]

    def _compare_streaming(self, engine: Engine, upstream: Upstream) -> None:
        """Measure streams: the engine with each number of streams, upstream with one, because it cannot run several."""
        ours = {f"streaming, engine, {number} at once": number for number in self._options.streams}
        theirs = "streaming, upstream, alone"
        streams = self._run_interleaved(
            {name: partial(_engine_streams, engine, number) for name, number in ours.items()},
            {theirs: partial(upstream.call, UpstreamClient.stream, prose.sentences_spoken_alone())},
        )
        self._results.engine.streaming = [Streaming.of(number, streams[name]) for name, number in ours.items()]
        self._results.upstream.streaming = [Streaming.of(1, streams[theirs])]

    def _run_interleaved(
        self, ours: dict[str, Callable[[], R]], theirs: dict[str, Callable[[], R]]
    ) -> dict[str, list[R]]:
        """Measure one of ours, one of theirs, and so on; the rest of the longer list follows at the end."""
        pairs = chain.from_iterable(zip_longest(ours.items(), theirs.items()))
        return run_interleaved(dict(pair for pair in pairs if pair is not None), self._options.repeats, say)

    def _measure_burst(self, engine: Engine) -> None:
        """Measure streams while many requests arrive, and the same streams without these requests, in turn."""
        running = prose.long_sentences(self._options.running)
        quiet, crowded = "burst, without it", "burst"
        runs = run_interleaved(
            {
                quiet: partial(_burst_run, engine, running, []),
                crowded: partial(_burst_run, engine, running, prose.sentences(self._options.newcomers)),
            },
            self._options.repeats,
            say,
        )
        self._results.burst = Burst.of(list(zip(runs[quiet], runs[crowded], strict=True)))

    def _measure_long_text(self, engine: Engine) -> None:
        """Measure a long text, and the short text with which it begins."""
        text, short = prose.long_text(self._options.long_characters), prose.short_text()
        run = partial(_long_text_run, engine, text, short, self._options.first_audio_trials)
        runs = run_interleaved({"long text": run}, self._options.repeats, say)
        self._results.long_text = LongText.of(text, short, runs["long text"])


def _engine_clips(engine: Engine, number: int) -> Clips:
    if number == 1:
        return engine.call(EngineClient.alone, prose.sentences_spoken_alone())
    return engine.call(EngineClient.together, prose.sentences(number))


def _upstream_clips(upstream: Upstream, number: int) -> Clips:
    if number == 1:
        return upstream.call(UpstreamClient.alone, prose.sentences_spoken_alone())
    return upstream.call(UpstreamClient.batch, prose.sentences(number))


def _engine_streams(engine: Engine, number: int) -> list[Stream]:
    if number == 1:
        return engine.call(EngineClient.stream_alone, prose.sentences_spoken_alone())
    return engine.call(EngineClient.stream, prose.sentences(number))


def _burst_run(engine: Engine, running: Sequence[str], newcomers: Sequence[str]) -> BurstRun:
    burst, streams = engine.call(EngineClient.burst, running, newcomers)
    return BurstRun(burst, tuple(streams[: len(running)]), tuple(streams[len(running) :]))


def _long_text_run(engine: Engine, text: str, short: str, trials: int) -> LongTextRun:
    first = [engine.call(EngineClient.first_audio, each) for _ in range(trials) for each in (text, short)]
    longest = engine.call(EngineClient.longest_sentence, text)
    whole = engine.call(EngineClient.together, [text])
    sentence = engine.call(EngineClient.together, [longest])
    return LongTextRun(tuple(first[::2]), tuple(first[1::2]), whole.seconds, whole.audio, sentence.seconds)
