"""Runs the scenarios, one after the other, and gathers what they find out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.checkpoint.files import SYNTHETIC, mark
from perf.engine_contender import EngineContender
from perf.machine import examine, measure_machine
from perf.matrices import language_model_matrices
from perf.options import Options, Scenario
from perf.results import Results
from perf.scenarios import Engine, Say, Upstream, compare_streaming, compare_whole, measure_burst, measure_long_text
from perf.step_times import measure_steps
from perf.upstream_contender import UpstreamContender
from perf.worker import SeparateProcess, Worker, WorkerFailed

_COMPARED = {Scenario.WHOLE, Scenario.STREAMING}
_SPOKEN = _COMPARED | {Scenario.BURST, Scenario.LONG_TEXT}


class Benchmark:
    """One run on one checkpoint. `apart` measures the machine and the steps by themselves.

    What a process measures, it measures alone: all others wait meanwhile.
    """

    def __init__(self, options: Options, checkpoint: Path, apart: SeparateProcess, say: Say) -> None:
        self._options = options
        self._checkpoint = checkpoint
        self._apart = apart
        self._say = say
        self._results = Results(
            facts=apart.run(examine, options.device, options.dtype),
            checkpoint=str(checkpoint),
            synthetic=mark(checkpoint) == SYNTHETIC,
            slots=options.slots,
            repeats=options.repeats,
        )

    def run(self) -> Results:
        """Run every scenario that is asked for. One that fails is noted in the results, and the others still run."""
        self._attempt(Scenario.MACHINE, self._measure_machine)
        self._attempt(Scenario.STEPS, self._measure_steps)
        self._apart.close()  # its memory is not needed any more
        if _SPOKEN.intersection(self._options.scenarios):
            with self._noting_failure("engine"), self._start_engine() as engine:
                self._speak(engine)
        return self._results

    def _attempt(self, scenario: Scenario, measure: Callable[[], None]) -> None:
        if scenario in self._options.scenarios:
            with self._noting_failure(scenario):
                measure()

    @contextmanager
    def _noting_failure(self, name: str) -> Iterator[None]:
        try:
            yield
        except WorkerFailed as failure:
            self._say(f"{name} failed: {failure}")
            self._results.failures[name] = str(failure)

    def _measure_machine(self) -> None:
        self._say("machine: memory bandwidth and matrix products")
        matrices = language_model_matrices(self._checkpoint)
        self._results.machine = self._apart.run(
            measure_machine, self._results.facts.device, matrices, self._options.matrix_rows
        )

    def _measure_steps(self) -> None:
        self._say("steps: the models' steps by themselves")
        facts, options = self._results.facts, self._options
        self._results.steps = self._apart.run(
            measure_steps,
            self._checkpoint,
            facts.device,
            facts.dtype,
            options.step_batches,
            options.decoder_shapes,
        )

    def _speak(self, engine: Engine) -> None:
        options, results = self._options, self._results
        if _COMPARED.intersection(options.scenarios):
            with self._noting_failure("upstream"), self._start_upstream() as upstream:
                self._compare(engine, upstream)

        def burst() -> None:
            results.burst = measure_burst(engine, options, self._say)

        def long_text() -> None:
            results.long_text = measure_long_text(engine, options, self._say)

        self._attempt(Scenario.BURST, burst)
        self._attempt(Scenario.LONG_TEXT, long_text)

    def _compare(self, engine: Engine, upstream: Upstream) -> None:
        options, ours, theirs = self._options, self._results.engine, self._results.upstream

        def whole() -> None:
            ours.whole, theirs.whole = compare_whole(engine, upstream, options, self._say)

        def streaming() -> None:
            ours.streaming, theirs.streaming = compare_streaming(engine, upstream, options, self._say)

        self._attempt(Scenario.WHOLE, whole)
        self._attempt(Scenario.STREAMING, streaming)
        ours.memory = engine.call(EngineContender.memory)
        theirs.memory = upstream.call(UpstreamContender.memory)

    def _start_engine(self) -> Engine:
        self._say("loading the engine")
        facts, options = self._results.facts, self._options
        most = max(*options.streams, options.running + options.newcomers)
        return Worker(
            "engine", EngineContender, str(self._checkpoint), facts.device, facts.dtype, options.slots, 2 * most
        )

    def _start_upstream(self) -> Upstream:
        self._say("loading upstream")
        return Worker("upstream", UpstreamContender, str(self._checkpoint), self._results.facts.device)
