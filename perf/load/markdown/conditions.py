"""Where a run took place, what was sent, how to repeat it, and what its figures mean."""

from collections.abc import Iterator

from perf.load.level import STALL
from perf.load.markdown.table import table
from perf.load.results import LoadResults
from perf.results import Facts

SYNTHETIC = "random weights, which make noise; the work is the same"


def conditions(results: LoadResults) -> Iterator[str]:
    """Yield the machine, the versions and the weights."""
    yield from ("## Where it ran", "")
    facts = results.facts
    rows = [
        *machine(facts),
        ("engine", f"{facts.dtype} on {facts.device}, commit {facts.commit}"),
        ("weights", f"{results.checkpoint}: {SYNTHETIC}" if results.synthetic else results.checkpoint),
        ("settings", ", ".join(f"`{name}={value}`" for name, value in results.settings.items()) or "the defaults"),
        ("Python, PyTorch", f"{facts.python}, {facts.torch} with {facts.threads} threads"),
        ("upstream", f"soprano-tts {facts.soprano_tts}, transformers {facts.transformers}"),
        *results.tools.items(),
        ("other programs", f"kept {results.other_load:.2f} cores busy on average"),
        ("date", facts.date),
    ]
    yield from table(("", ""), rows)


def machine(facts: Facts) -> Iterator[tuple[str, str]]:
    """Yield the rows of a table that name the hardware."""
    yield "processor", f"{facts.processor}, {facts.cores} cores"
    if facts.gpu:
        yield "GPU", facts.gpu


def mix(results: LoadResults) -> Iterator[str]:
    """Yield the kinds of texts, with their shares; nothing if there was no mix."""
    if not results.mix:
        return
    yield from ("## What was spoken", "")
    yield "The texts are in `perf/texts/`. They are sent in the same order in every run."
    yield ""
    rows = [(text.kind, f"{text.share:.0%}", f"{text.characters:.0f}") for text in results.mix]
    yield from table(("kind", ">of the requests", ">characters of one, on average"), rows)
    if results.longest is not None:
        yield (
            f"Texts of more than {results.longest} characters are spoken at the Poisson rates only: among the few "
            "requests of the other loads, one of them would decide the figures. Streams that are counted by clients "
            "over gRPC, by format and by stage run with `SOPRANO_MAX_WAIT=3600`, so that none is refused."
        )
        yield ""


def repetition() -> Iterator[str]:
    """Yield the commands that make all of this."""
    yield from ("## How to run it again", "", "```sh")
    yield "make bench          # everything on this page but the tuning"
    yield "make bench-quick    # the same, once and small: to see that it runs, not to learn a figure"
    yield "make bench-tuning   # the tuning"
    yield from ("```", "")


def meanings() -> Iterator[str]:
    """Yield what the figures are, in the words of `perf.load.level`."""
    yield from ("## What the figures mean", "")
    yield (
        "**Times real time** is throughput: the seconds of audio that all clients together receive in a second. At 10 "
        "times real time, a minute of audio takes 6 seconds."
    )
    yield ""
    yield (
        "**First audio** is the time from sending a request to the first chunk that can be played, headers and what a "
        "decoder holds back not counted. **Latency** is the time to the end of the audio, **gap** the time between two "
        "chunks, and the **real-time factor** the latency over the seconds of audio."
    )
    yield ""
    yield (
        "**Stalled** is a listener who plays each chunk as it comes, with no buffer of its own, and hears more than "
        f"{1000 * STALL:.0f} ms of silence in all because the next one is late."
    )
    yield ""
    yield (
        "Throughput is counted from the first request to the end of the last answer. At the end clients leave and none "
        "come, which costs a server most that speaks many texts at once: its throughput is somewhat higher in the long "
        "run."
    )
    yield ""
    yield (
        "Percentiles are over the requests of one load, by the nearest rank: of fewer than 100 requests, p99 is the "
        "largest value. Where a load was repeated, figures are the median of the repeats and, in brackets, the least "
        "and the most. Those that are compared took turns; ratios are taken repeat by repeat."
    )
    yield ""
