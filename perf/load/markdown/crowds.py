"""How many listeners the server holds, and what becomes of them when they are more."""

from collections.abc import Iterator, Sequence

from perf.load.listeners import Audience, Capacity, audiences
from perf.load.markdown.table import PERCENTILES, seconds, table
from perf.load.results import LoadResults

_COUNTS = (
    ">requests",
    ">heard without a stall",
    ">stalled",
    ">refused",
    ">failed",
    f">silence of a listener, s: {PERCENTILES}",
)
_SHARES = (">stalled", ">refused", ">failed", ">times real time", ">first audio, s: p95")


def listeners(results: LoadResults) -> Iterator[str]:
    """Yield the most listeners of whom everyone is content, and what was counted under each load."""
    if random := audiences(results.speech_rates):
        yield from ("### Listeners who come at random moments", "")
        yield (
            "How many listen at once is an average: the rate of requests times the seconds of audio of one (Little's "
            f"law). {_capacity(random)}"
        )
        yield ""
        rows = [(f"{each.wanted:.1f}", f"{each.level.load.rate:.3g}", *_counts(each)) for each in random]
        yield from table((">listeners at once", ">requests a second", *_COUNTS), rows)
    if clients := audiences(results.speech):
        yield from ("### Clients who ask again as soon as they have a clip", "")
        yield (
            "These ask for more than as many listeners would, as they do not wait until they have heard a clip. "
            f"{_capacity(clients)}"
        )
        yield ""
        yield from table((">clients", *_COUNTS), [(f"{each.wanted:.0f}", *_counts(each)) for each in clients])


def saturation(results: LoadResults) -> Iterator[str]:
    """Yield the shares of what became of requests, up to rates that the server cannot keep up with."""
    crowd = audiences(results.speech_rates)
    fastest = max(audience.level.times_real_time for audience in crowd)
    yield (
        "A request that the server has no room for is refused with the status 429. The most that it made was "
        f"{fastest:.1f} times real time. First audio is that of the requests that were spoken."
    )
    yield ""
    rows = [(f"{each.level.load.rate:.3g}", f"{each.wanted:.1f}", *_shares(each)) for each in crowd]
    yield from table((">requests a second", ">listeners at once", ">heard without a stall", *_SHARES), rows)


def _capacity(crowd: Sequence[Audience]) -> str:
    """Say the most of whom everyone was content, and what happened just above."""
    capacity = Capacity.of(crowd)
    sentences = []
    if capacity.held:
        what = f"The largest load at which nobody stalled, was refused or failed: {_load(capacity.held)}"
        sentences.append(f"{what} ({capacity.held.requests} requests).")
    if capacity.exceeded:
        where = "At the next larger one" if capacity.held else "Already at the smallest load"
        sentences.append(f"{where}, {_load(capacity.exceeded)}: {_losses(capacity.exceeded)}.")
    else:
        sentences.append("No larger load was measured.")
    if capacity.exceptions:
        exceptions = "; ".join(f"{_load(each)}: {_losses(each)}" for each in capacity.exceptions)
        sentences.append(f"At smaller ones it was not always so: {exceptions}.")
    return " ".join(sentences)


def _load(audience: Audience) -> str:
    if audience.level.load.clients is not None:
        return f"{audience.level.load.clients} clients"
    return f"{audience.wanted:.1f} listeners at once"


def _losses(audience: Audience) -> str:
    level = audience.level
    counts = ((level.stalled, "stalled"), (level.refused, "refused"), (level.failed, "failed"))
    return f"{', '.join(f'{count} {fate}' for count, fate in counts if count)}, of {audience.requests} requests"


def _counts(audience: Audience) -> tuple[str, ...]:
    level = audience.level
    counts = (audience.requests, audience.content, level.stalled, level.refused, level.failed)
    return (*map(str, counts), seconds(level.stall))


def _shares(audience: Audience) -> tuple[str, ...]:
    level = audience.level
    shares = (count / audience.requests for count in (audience.content, level.stalled, level.refused, level.failed))
    first = f"{level.first_audio.p95:.2f}" if level.first_audio else ""
    return (*(f"{share:.1%}" for share in shares), f"{level.times_real_time:.1f}", first)
