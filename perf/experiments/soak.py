"""Puts `soprano serve` through thousands of requests, honest and hostile, and looks for what they leave behind."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

import httpx
import typer

from measuring.command import say
from measuring.host import Facts, examine
from measuring.verdicts import Outcome
from perf.command import RESULTS, ResultsOption, ServedCheckpointOption, ThreadsOption, end, experiment
from perf.load_generators.http_exchange import Ending, Exchange, References, exchange, speak_alone
from perf.load_generators.soak_requests import (
    COMPARED,
    FULL,
    Request,
    examine_answer,
    hostile_request,
    ordinary_texts,
    slow_request,
    soak_request,
)
from perf.report.results import save
from perf.report.tables import table
from perf.servers.process_samples import MEGABYTE, Growth, ProcessReport, Sampler
from perf.servers.served import Served

_DRAIN_SECONDS = 60.0
_MOST_TOLD = 20
_MOST_MEMORY = 2_000_000_000

_IDLE = ("soprano_open_requests", "soprano_active_slots", "soprano_proxy_in_flight")
"""Figures that are 0 when no request is open."""
_NEVER = (
    "soprano_failed_total",
    "soprano_step_failures_total",
    "soprano_restarts_total",
    "soprano_quarantined_total",
    "soprano_proxy_cut_total",
)
"""Counters that no request may move."""


@dataclass
class Part:
    """What a part has shown."""

    name: str
    requests: int = 0
    seconds: float = 0.0
    spoken: int = 0
    left: int = 0
    refused: int = 0  # 429
    wrong: int = 0  # any other error that was earned
    compared: int = 0  # with the same clip alone
    apart: int = 0
    """The most that two samples differed, in the last of their 16 bits."""
    problems: dict[str, int] = field(default_factory=dict)
    """What came back and was not asked for, and what was left behind; how many times."""
    first_failures: list[str] = field(default_factory=list)
    """Some of the requests behind the problems, to repeat them."""
    processes: list[ProcessReport] = field(default_factory=list)

    @property
    def is_broken(self) -> bool:
        """Whether a promise was broken."""
        return bool(self.problems) or any(process.outcome is Outcome.MISSED for process in self.processes)

    def note(self, problem: str) -> None:
        """Count a problem."""
        self.problems[problem] = self.problems.get(problem, 0) + 1

    def take(self, number: int, request: Request, result: Exchange, references: References) -> None:
        """Count a request that has ended."""
        self.requests += 1
        finding = examine_answer(request, result, references)
        if finding.apart is not None:
            self.compared += 1
            self.apart = max(self.apart, finding.apart)
        if finding.problem:
            self.note(f"{request.kind}: {finding.problem}")
            if len(self.first_failures) < _MOST_TOLD:
                told = request.content[:200].decode(errors="replace")
                self.first_failures.append(f"request {number}: {finding.problem}; it was {request.delivery}, {told}")
        elif result.ending is Ending.LEFT:
            self.left += 1
        elif result.status == FULL:
            self.refused += 1
        elif result.status == 200:
            self.spoken += 1
        else:
            self.wrong += 1


async def run_part(
    served: Served,
    name: str,
    number: int,
    concurrency: int,
    make: Callable[[int], Request],
    references: References,
    most_seconds: float,
) -> Part:
    """Send `number` requests, `concurrency` at once, and look at the server until all of them are gone."""
    part = Part(name)
    before, tracebacks = served.metrics(), served.tracebacks
    sampler = Sampler(served)
    sampling = asyncio.create_task(sampler.run())
    began = time.monotonic()
    numbers = iter(range(number))

    async def client() -> None:
        for each in numbers:
            if time.monotonic() - began > most_seconds or not served.running:
                return
            request = make(each)
            part.take(each, request, await _ask(served, request), references)

    try:
        await asyncio.gather(*(client() for _ in range(concurrency)))
    finally:
        sampling.cancel()
    part.seconds = time.monotonic() - began
    part.processes = sampler.reports()
    problems = left_behind(before, await _idle_metrics(served)) if served.running else [served.obituary()]
    problems += (
        f"{process.name} held {process.peak / 1e9:.1f} GB" for process in part.processes if process.peak > _MOST_MEMORY
    )
    problems += ["a traceback in the log"] * (served.tracebacks - tracebacks)
    for each in problems:
        part.note(each)
    return part


async def _ask(served: Served, request: Request) -> Exchange:
    """Send a request, and again when the server was full, for as often as its client tries."""
    for _ in range(request.tries - 1):
        result = await exchange(served.port, request.content, request.client, content_type=request.content_type)
        if result.status != FULL:
            return result
        await asyncio.sleep(float(result.headers.get("retry-after", "1")))
    return await exchange(served.port, request.content, request.client, content_type=request.content_type)


def left_behind(before: Mapping[str, float], after: Mapping[str, float]) -> list[str]:
    """Say which figures of an idle server show that something was left open or went wrong."""
    still = [f"{after[name]:g} {name} when idle" for name in _IDLE if after.get(name)]
    moved = ((name, after.get(name, 0.0) - before.get(name, 0.0)) for name in _NEVER)
    return still + [f"{name} rose by {rise:g}" for name, rise in moved if rise]


async def _idle_metrics(served: Served) -> Mapping[str, float]:
    """Return the metrics once nothing is open, or as they are after a minute."""
    deadline = time.monotonic() + _DRAIN_SECONDS
    while True:
        try:
            figures = await asyncio.to_thread(served.metrics)
        except httpx.HTTPError as error:
            return {f"metrics that cannot be read ({error!r}) and soprano_open_requests": 1.0}
        if not any(figures.get(name) for name in _IDLE) or time.monotonic() > deadline:
            return figures
        await asyncio.sleep(0.2)


def tables(parts: Sequence[Part]) -> str:
    """Return the figures in Markdown, and below them what was broken."""
    rows = []
    for part in parts:
        figures = (part.requests, f"{part.seconds / 60:.1f}", part.spoken, part.left, part.refused, part.wrong)
        compared = f"{part.compared}, {part.apart}"
        rows.append((part.name, *map(str, figures), compared, str(sum(part.problems.values()))))
    headings = (
        *("", ">requests", ">minutes", ">spoken", ">left", ">429", ">other errors, earned"),
        *(">compared, most apart", ">not asked for"),
    )
    lines = list(table(headings, rows))
    for part in parts:
        lines += [f"{part.name}:", "", process_table(part.processes)]
        problems = [f"{number} times: {what}" for what, number in list(part.problems.items())[:_MOST_TOLD]]
        if told := [f"- {each}" for each in (*problems, *part.first_failures)]:
            lines += [*told, ""]
    return "\n".join(lines).strip()


def process_table(reports: Sequence[ProcessReport]) -> str:
    """Return the figures in Markdown."""
    rows = []
    for report in reports:
        resident = f"{_growth(report.resident, MEGABYTE)}, {report.peak / MEGABYTE:.0f}"
        outcome = "died" if report.died else str(report.outcome)
        rows.append((report.name, resident, _growth(report.descriptors), _growth(report.threads), outcome))
    headings = ("process", ">resident, MB: then, at the end, peak", ">descriptors", ">threads", "")
    return "\n".join(table(headings, rows))


def _growth(growth: Growth | None, unit: int = 1) -> str:
    return f"{growth.second / unit:.0f}, {growth.last / unit:.0f}" if growth else ""


@dataclass(frozen=True)
class SoakResults:
    """What all parts have shown."""

    facts: Facts
    checkpoint: str
    seed: int
    parts: list[Part]


def main(
    checkpoint: ServedCheckpointOption = "builtin",
    requests: Annotated[int, typer.Option(min=0, help="Of every kind; a third leaves before the end.")] = 10_000,
    hostile: Annotated[int, typer.Option(min=0, help="Hostile texts, heard for a while.")] = 2000,
    slow_readers: Annotated[int, typer.Option(min=0, help="Clients at once that read long clips slowly.")] = 1000,
    slow_seconds: Annotated[float, typer.Option(min=1.0, help="That a slow reader stays.")] = 45.0,
    concurrency: Annotated[int, typer.Option(min=1, help="Requests at once, but for slow readers.")] = 12,
    threads: ThreadsOption = 0,
    seed: Annotated[int, typer.Option(help="Which requests.")] = 1,
    minutes: Annotated[float, typer.Option(min=0.1, help="After which each part sends no more.")] = 60.0,
    results: ResultsOption = RESULTS,
) -> None:
    """Serve speech in float32, so that each clip can be compared with the same one alone, and put load on it.

    The status is 1 if a promise is broken.
    """
    texts = ordinary_texts()
    wanted: list[tuple[str, int, int, Callable[[int], Request]]] = [
        ("every kind of request", requests, concurrency, lambda number: soak_request(number, seed, texts)),
        ("hostile texts, and neighbours", hostile, concurrency, lambda number: hostile_request(number, seed, texts)),
        ("slow readers", slow_readers, slow_readers, lambda number: slow_request(number, slow_seconds)),
    ]
    with experiment(), Served.on(checkpoint, dtype="float32", threads=threads) as served:
        parts = asyncio.run(_run(served, wanted, texts, 60 * minutes))
    typer.echo(tables(parts))
    measured = SoakResults(examine("auto", "float32"), checkpoint, seed, parts)
    end([save(results / "soak.json", measured)], failed=[part.name for part in parts if part.is_broken])


async def _run(
    served: Served,
    wanted: list[tuple[str, int, int, Callable[[int], Request]]],
    texts: tuple[str, ...],
    most_seconds: float,
) -> list[Part]:
    """Run the parts that have requests, one after the other, until one ends the server."""
    say("references: each text spoken alone")
    references = await speak_alone(served.port, texts, COMPARED)
    parts: list[Part] = []
    for name, number, concurrency, make in wanted:
        if number and served.running:
            say(f"{name}: {number}")
            began = time.monotonic()
            parts.append(await run_part(served, name, number, concurrency, make, references, most_seconds))
            say(f"took {time.monotonic() - began:.0f} s")
    return parts
