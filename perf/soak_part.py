"""One part of a soak test: so many requests, some at once, and what the server is like meanwhile and afterwards."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from perf.http_exchange import Client, Ending, Exchange, exchange
from perf.process_samples import ProcessReport, Sampler, process_table
from perf.served import Served
from perf.soak_requests import COMPARED, FULL, References, Request, examine_answer, speech
from perf.spoken import Delivery, audio, is_whole
from perf.verdicts import Outcome

_DRAIN_SECONDS = 60.0
_MOST_TOLD = 20
_MOST_MEMORY = 2_000_000_000

_IDLE = ("soprano_open_requests", "soprano_active_slots", "soprano_proxy_in_flight")
"""Figures that are 0 when nobody asks for anything."""
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


async def speak_alone(served: Served, texts: Sequence[str]) -> References:
    """Have each text spoken alone, in the formats that can be compared. Raises `ValueError` if one is not."""
    references = {}
    for text in texts:
        for audio_format in COMPARED:
            result = await exchange(served.port, speech(text, audio_format, Delivery.STREAM), Client())
            if not is_whole(result, Delivery.STREAM):
                raise ValueError(
                    f"a text is not spoken, alone and undisturbed: status {result.status}, {result.ending}"
                )
            references[text, audio_format] = audio(bytes(result.body), Delivery.STREAM)
    return references


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
    lines = [
        "| | requests | minutes | spoken | left | 429 | other errors, earned | compared, most apart | not asked for |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for part in parts:
        figures = (part.requests, f"{part.seconds / 60:.1f}", part.spoken, part.left, part.refused, part.wrong)
        cells = (part.name, *figures, f"{part.compared}, {part.apart}", sum(part.problems.values()))
        lines.append(f"| {' | '.join(map(str, cells))} |")
    for part in parts:
        lines += ["", f"{part.name}:", "", process_table(part.processes), ""]
        lines += [f"- {number} times: {what}" for what, number in list(part.problems.items())[:_MOST_TOLD]]
        lines += [f"- {failure}" for failure in part.first_failures]
    return "\n".join(lines).strip()
