"""A clip loses the silence before its first sound, and its marks move with the audio."""

import asyncio
from collections.abc import AsyncGenerator

import numpy as np
import pytest
from numpy.typing import NDArray

from proxy.synthesis.interface import AudioChunk, SentenceEnd, SentenceFlag, SentenceStart, Usage
from proxy.synthesis.trimmed import trimmed
from tests.proxy.stand_in import RATE, sine

PRE_ROLL = 320
SPEECH = 8000
SIZES = (100, 320, 1000, 3072, 10**6)
Mark = SentenceStart | SentenceEnd


def silence(samples: int) -> NDArray[np.int16]:
    return np.zeros(samples, dtype=np.int16)


async def chunks(
    audio: NDArray[np.int16], marks: list[Mark], flags: tuple[SentenceFlag, ...] = (), size: int = 1000
) -> AsyncGenerator[AudioChunk]:
    """The clip in chunks, with the marks that lie in each, and one last chunk for `flags`."""
    for begin in range(0, len(audio), size):
        now = [mark for mark in marks if begin <= mark.sample < begin + size]
        starts = tuple(mark for mark in now if isinstance(mark, SentenceStart))
        ends = tuple(mark for mark in now if isinstance(mark, SentenceEnd))
        yield AudioChunk(audio[begin : begin + size], RATE, Usage(7, begin), starts, "stand-in", ends=ends)
    if flags:
        yield AudioChunk(audio[:0], RATE, Usage(7, len(audio)), flags=flags)


def trim(clip: AsyncGenerator[AudioChunk]) -> list[AudioChunk]:
    async def collect() -> list[AudioChunk]:
        return [chunk async for chunk in trimmed(clip)]

    return asyncio.run(collect())


def audio_of(trimmed_chunks: list[AudioChunk]) -> NDArray[np.int16]:
    return np.concatenate([chunk.samples for chunk in trimmed_chunks])


def marks_of(trimmed_chunks: list[AudioChunk]) -> list[Mark]:
    marks: list[Mark] = []
    for chunk in trimmed_chunks:
        marks += [*chunk.ends, *chunk.sentences]
    return sorted(marks, key=lambda mark: mark.sample)


@pytest.mark.parametrize("size", SIZES)
def test_silence_goes_and_the_marks_move_along(size: int) -> None:
    audio = np.concatenate([silence(1600), sine(SPEECH), silence(3200), sine(SPEECH)])
    marks: list[Mark] = [SentenceStart(0, 0, 0, 5), SentenceEnd(0, 9600), SentenceStart(1, 12800, 6, 9)]
    passed = trim(chunks(audio, marks, size=size))
    removed = 1600 - PRE_ROLL
    assert np.array_equal(audio_of(passed), audio[removed:])
    assert marks_of(passed) == [
        SentenceStart(0, 0, 0, 5),
        SentenceEnd(0, 9600 - removed),
        SentenceStart(1, 12800 - removed, 6, 9),
    ]
    assert all(chunk.samples.size and chunk.checkpoint == "stand-in" for chunk in passed)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("pause", [200, 3200, 40000])
def test_a_pause_before_the_first_sentence_stays(pause: int, size: int) -> None:
    audio = np.concatenate([silence(pause + 1600), sine(SPEECH)])
    passed = trim(chunks(audio, [SentenceStart(0, pause, 0, 5)], size=size))
    assert np.array_equal(audio_of(passed), audio[1600 - PRE_ROLL :])
    assert marks_of(passed) == [SentenceStart(0, pause, 0, 5)]


@pytest.mark.parametrize("size", SIZES)
def test_a_pause_after_a_silent_sentence_stays(size: int) -> None:
    audio = np.concatenate([silence(1600 + 3200), sine(SPEECH)])
    marks: list[Mark] = [SentenceStart(0, 0, 0, 5), SentenceEnd(0, 1600), SentenceStart(1, 4800, 6, 9)]
    passed = trim(chunks(audio, marks, size=size))
    removed = 1600 - PRE_ROLL
    assert np.array_equal(audio_of(passed), audio[removed:])
    assert [mark.sample for mark in marks_of(passed)] == [0, PRE_ROLL, 4800 - removed]


def test_chunks_without_a_mark_stay() -> None:
    audio = np.concatenate([silence(1600), sine(SPEECH)])
    assert np.array_equal(audio_of(trim(chunks(audio, []))), audio)


@pytest.mark.parametrize("pause", [0, 400])
def test_a_clip_without_a_sound_keeps_its_end_and_its_flags(pause: int) -> None:
    flags = (SentenceFlag(0, "truncated"),)
    passed = trim(chunks(silence(pause + 5000), [SentenceStart(0, pause, 0, 5)], flags))
    assert len(audio_of(passed)) == pause + PRE_ROLL + 5000 % 160
    assert marks_of(passed) == [SentenceStart(0, pause, 0, 5)]
    assert passed[0].samples.size
    assert [chunk.flags for chunk in passed if chunk.flags] == [flags]
    assert passed[-1].usage == Usage(7, pause + 5000)


def test_a_sound_is_passed_on_before_the_next_chunk_is_made() -> None:
    clip = chunks(np.concatenate([silence(1600), sine(SPEECH)]), [SentenceStart(0, 0, 0, 5)])

    async def first() -> AudioChunk:
        passing = trimmed(clip)
        chunk = await anext(passing)
        await passing.aclose()
        return chunk

    chunk = asyncio.run(first())
    assert (len(chunk.samples), chunk.usage) == (PRE_ROLL + 400, Usage(7, 1000))
    assert chunk.sentences == (SentenceStart(0, 0, 0, 5),)


def test_closing_it_cancels_the_synthesis() -> None:
    cancelled = False

    async def endless() -> AsyncGenerator[AudioChunk]:
        nonlocal cancelled
        try:
            while True:
                yield AudioChunk(sine(1000), RATE, Usage(1, 1), (SentenceStart(0, 0, 0, 5),))
        finally:
            cancelled = True

    async def leave() -> None:
        passing = trimmed(endless())
        await anext(passing)
        await passing.aclose()
        assert cancelled

    asyncio.run(leave())
