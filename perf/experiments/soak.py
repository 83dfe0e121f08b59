"""Sends thousands of requests to `soprano serve`, ordinary and hostile ones, and checks that nothing is left behind."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

import httpx
import typer
from pydantic import Field

from measuring.command import say
from measuring.host import Facts, examine
from measuring.verdicts import Outcome
from perf.command import RESULTS, ResultsOption, ServedCheckpointOption, ThreadsOption, end, experiment
from perf.load_generators.http_exchange import Ending, Exchange, References, exchange, speak_alone
from perf.load_generators.soak_requests import (
    COMPARED,
    FULL,
    Request,
    check_response,
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
_MAX_REPORTED = 20
_MAX_MEMORY = 2_000_000_000

_IDLE = ("soprano_open_requests", "soprano_active_slots", "soprano_proxy_in_flight")
"""Metrics that are 0 when no request is open."""
_NEVER = (
    "soprano_failed_total",
    "soprano_step_failures_total",
    "soprano_restarts_total",
    "soprano_quarantined_total",
    "soprano_proxy_cut_total",
)
"""Counters that must not increase."""


@dataclass
class Part:
    """The results of a part."""

    name: str
    requests: int = 0
    seconds: float = 0.0
    spoken: int = 0
    left: int = 0
    refused: int = 0  # 429
    wrong: int = 0  # other allowed errors
    compared: int = 0  # clips that were compared with the same clip alone
    difference: Annotated[int, Field(alias="apart")] = 0
    """The largest difference of two samples, in units of the last of 16 bits."""
    problems: dict[str, int] = field(default_factory=dict)
    """The unexpected responses and the things left behind, with their numbers."""
    first_failures: list[str] = field(default_factory=list)
    """Some of the failed requests, to repeat them."""
    processes: list[ProcessReport] = field(default_factory=list)

    @property
    def is_broken(self) -> bool:
        """Whether a promise was broken."""
        return bool(self.problems) or any(process.outcome is Outcome.MISSED for process in self.processes)

    def note(self, problem: str) -> None:
        """Count a problem."""
        self.problems[problem] = self.problems.get(problem, 0) + 1

    def take(self, number: int, request: Request, result: Exchange, references: References) -> None:
        """Count a request that has ended, and its problem if there is one."""
        self.requests += 1
        finding = check_response(request, result, references)
        if finding.difference is not None:
            self.compared += 1
            self.difference = max(self.difference, finding.difference)
        if finding.problem:
            self.note(f"{request.kind}: {finding.problem}")
            if len(self.first_failures) < _MAX_REPORTED:
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
    """Send `number` requests, `concurrency` at once, and sample the server until all of them have ended."""
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
            part.take(each, request, await _send(served, request), references)

    try:
        await asyncio.gather(*(client() for _ in range(concurrency)))
    finally:
        sampling.cancel()
    part.seconds = time.monotonic() - began
    part.processes = sampler.reports()
    problems = left_behind(before, await _idle_metrics(served)) if served.running else [served.describe_end()]
    problems += (
        f"{process.name} held {process.peak / 1e9:.1f} GB" for process in part.processes if process.peak > _MAX_MEMORY
    )
    problems += ["a traceback in the log"] * (served.tracebacks - tracebacks)
    for each in problems:
        part.note(each)
    return part


async def _send(served: Served, request: Request) -> Exchange:
    """Send a request; if the server is full, try again up to the request's limit."""
    for _ in range(request.tries - 1):
        result = await exchange(served.port, request.content, request.client, content_type=request.content_type)
        if result.status != FULL:
            return result
        await asyncio.sleep(float(result.headers.get("retry-after", "1")))
    return await exchange(served.port, request.content, request.client, content_type=request.content_type)


def left_behind(before: Mapping[str, float], after: Mapping[str, float]) -> list[str]:
    """Describe each metric of an idle server which shows that something is still open or went wrong."""
    still = [f"{after[name]:g} {name} when idle" for name in _IDLE if after.get(name)]
    moved = ((name, after.get(name, 0.0) - before.get(name, 0.0)) for name in _NEVER)
    return still + [f"{name} rose by {rise:g}" for name, rise in moved if rise]


async def _idle_metrics(served: Served) -> Mapping[str, float]:
    """Return the metrics when no request is open, or after a minute."""
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
    """Return the figures in Markdown, followed by the problems."""
    rows = []
    for part in parts:
        figures = (part.requests, f"{part.seconds / 60:.1f}", part.spoken, part.left, part.refused, part.wrong)
        compared = f"{part.compared}, {part.difference}"
        rows.append((part.name, *map(str, figures), compared, str(sum(part.problems.values()))))
    headings = (
        *("", ">requests", ">minutes", ">spoken", ">left", ">429", ">other allowed errors"),
        *(">compared, largest difference", ">problems"),
    )
    lines = list(table(headings, rows))
    for part in parts:
        lines += [f"{part.name}:", "", process_table(part.processes)]
        problems = [f"{number} times: {what}" for what, number in list(part.problems.items())[:_MAX_REPORTED]]
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
    """The results of all parts."""

    facts: Facts
    checkpoint: str
    seed: int
    parts: list[Part]


def main(
    checkpoint: ServedCheckpointOption = "builtin",
    requests: Annotated[int, typer.Option(min=0, help="Of every kind; a third of the clients leave early.")] = 10_000,
    hostile: Annotated[int, typer.Option(min=0, help="Hostile texts, received for a while.")] = 2000,
    slow_readers: Annotated[int, typer.Option(min=0, help="Clients at once that read long clips slowly.")] = 1000,
    slow_seconds: Annotated[float, typer.Option(min=1.0, help="Until a slow reader leaves.")] = 45.0,
    concurrency: Annotated[int, typer.Option(min=1, help="Requests at once, except slow readers.")] = 12,
    threads: ThreadsOption = 0,
    seed: Annotated[int, typer.Option(help="Determines the requests.")] = 1,
    minutes: Annotated[float, typer.Option(min=0.1, help="Until each part stops sending.")] = 60.0,
    results: ResultsOption = RESULTS,
) -> None:
    """Serve speech in float32, so that each clip can be compared with the same clip spoken alone, and put load on it.

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
    """Run the parts that have requests, one after the other, as long as the server runs."""
    say("references: speaking each text alone")
    references = await speak_alone(served.port, texts, COMPARED)
    parts: list[Part] = []
    for name, number, concurrency, make in wanted:
        if number and served.running:
            say(f"{name}: {number}")
            began = time.monotonic()
            parts.append(await run_part(served, name, number, concurrency, make, references, most_seconds))
            say(f"took {time.monotonic() - began:.0f} s")
    return parts
