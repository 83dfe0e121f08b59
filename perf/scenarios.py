"""The scenarios in which a contender speaks."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain, zip_longest
from typing import TypeVar

from perf import prose
from perf.burst import Burst, BurstRun
from perf.clips import Clips, Speed
from perf.engine_contender import EngineContender
from perf.long_text import LongText, LongTextRun
from perf.options import Options
from perf.stream import Stream
from perf.streaming import Streaming
from perf.turns import Turn, alternate
from perf.upstream_contender import UpstreamContender
from perf.worker import Worker

T = TypeVar("T")
Engine = Worker[EngineContender]
Upstream = Worker[UpstreamContender]
Say = Callable[[str], None]


def compare_whole(engine: Engine, upstream: Upstream, options: Options, say: Say) -> tuple[list[Speed], list[Speed]]:
    """Measure whole clips: the engine with every number of requests at once, upstream alone and in batches."""
    ours = {f"whole, engine, {number} at once": number for number in options.streams}
    theirs = {f"whole, upstream, {number} at once": number for number in (1, *options.upstream_batches)}
    turns = _interleaved(
        (Turn(name, partial(_engine_clips, engine, number)) for name, number in ours.items()),
        (Turn(name, partial(_upstream_clips, upstream, number)) for name, number in theirs.items()),
    )
    clips = alternate(turns, options.repeats, say)
    return (
        [Speed.of(number, clips[name]) for name, number in ours.items()],
        [Speed.of(number, clips[name]) for name, number in theirs.items()],
    )


def _engine_clips(engine: Engine, number: int) -> Clips:
    if number == 1:
        return engine.call(EngineContender.alone, prose.sentences_spoken_alone())
    return engine.call(EngineContender.together, prose.sentences(number))


def _upstream_clips(upstream: Upstream, number: int) -> Clips:
    if number == 1:
        return upstream.call(UpstreamContender.alone, prose.sentences_spoken_alone())
    return upstream.call(UpstreamContender.batch, prose.sentences(number))


def compare_streaming(
    engine: Engine, upstream: Upstream, options: Options, say: Say
) -> tuple[list[Streaming], list[Streaming]]:
    """Measure streams: the engine with every number of listeners at once, upstream with one, as it has no more."""
    ours = {f"streaming, engine, {number} at once": number for number in options.streams}
    theirs = "streaming, upstream, alone"
    turns = _interleaved(
        (Turn(name, partial(_engine_streams, engine, number)) for name, number in ours.items()),
        [Turn(theirs, lambda: upstream.call(UpstreamContender.stream, prose.sentences_spoken_alone()))],
    )
    streams = alternate(turns, options.repeats, say)
    return (
        [Streaming.of(number, streams[name]) for name, number in ours.items()],
        [Streaming.of(1, streams[theirs])],
    )


def _engine_streams(engine: Engine, number: int) -> list[Stream]:
    if number == 1:
        return engine.call(EngineContender.stream_alone, prose.sentences_spoken_alone())
    return engine.call(EngineContender.stream, prose.sentences(number))


def measure_burst(engine: Engine, options: Options, say: Say) -> Burst:
    """Have many requests come while some streams run, and the same streams run without them, in turn."""
    running = prose.long_sentences(options.running)
    quiet, crowded = "burst, without it", "burst"

    def run(newcomers: Sequence[str]) -> BurstRun:
        return engine.call(EngineContender.burst, running, newcomers)

    runs = alternate(
        [Turn(quiet, lambda: run([])), Turn(crowded, lambda: run(prose.sentences(options.newcomers)))],
        options.repeats,
        say,
    )
    return Burst.of(list(zip(runs[quiet], runs[crowded], strict=True)))


def measure_long_text(engine: Engine, options: Options, say: Say) -> LongText:
    """Speak a long text and the short one that it begins with."""
    text, short = prose.long_text(options.long_characters), prose.short_text()
    turn = Turn("long text", lambda: _long_text_run(engine, text, short, options.first_audio_trials))
    runs = alternate([turn], options.repeats, say)
    return LongText.of(text, short, runs[turn.name])


def _long_text_run(engine: Engine, text: str, short: str, trials: int) -> LongTextRun:
    first = [engine.call(EngineContender.first_audio, each) for _ in range(trials) for each in (text, short)]
    longest = engine.call(EngineContender.longest_sentence, text)
    whole = engine.call(EngineContender.together, [text])
    sentence = engine.call(EngineContender.together, [longest])
    return LongTextRun(tuple(first[::2]), tuple(first[1::2]), whole.seconds, whole.audio, sentence.seconds)


def _interleaved(ours: Iterable[T], theirs: Iterable[T]) -> list[T]:
    """One of ours, one of theirs, and so on; what is left over at the end."""
    return [each for each in chain.from_iterable(zip_longest(ours, theirs)) if each is not None]
