"""When sentences leave a text that is being written."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from proxy.errors import InvalidValue, QueueFull
from proxy.live.text import MOST_WAITING, ROOM, LiveText, Patience
from text.sentences import Sentence

LONG = "That was all that he had in his pocket."
QUICK = Patience(least_buffered=1.0, complete=0.05, pause=0.2, clause=0.4)
SLOW = Patience(least_buffered=1.0, complete=3600.0, pause=3600.0, clause=3600.0)


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def within() -> None:
        async with asyncio.timeout(20):
            await work()

    asyncio.run(within())


async def taken(text: LiveText, buffered: float = 0.0) -> list[str]:
    return [each.text for each in await text.sentences(lambda: buffered)]


def test_a_settled_sentence_leaves_at_once() -> None:
    async def work() -> None:
        text = LiveText(patience=SLOW)
        text.append(f"{LONG} And what he did with it was known to")
        assert await taken(text, buffered=3600.0) == [LONG.lower()]

    run(work)


def test_the_reader_waits_for_the_writer() -> None:
    async def work() -> None:
        text = LiveText(patience=SLOW)
        reading = asyncio.create_task(taken(text))
        for piece in (LONG, " And nobody ever knew what he did ", "with it."):
            await asyncio.sleep(0.01)
            text.append(piece)
        assert await reading == [LONG.lower()]

    run(work)


@pytest.mark.parametrize("buffered", [0.0, 3600.0])
def test_a_listener_who_has_nothing_to_hear_is_told_what_comes_next(buffered: float) -> None:
    """A short sentence might follow that belongs to it: the engine can begin, but nothing is certain."""

    async def work() -> None:
        text, told = LiveText(patience=SLOW), asyncio.Queue[str]()

        async def expect(sentence: Sentence) -> None:
            told.put_nowait(sentence.text)

        reading = asyncio.create_task(text.sentences(lambda: buffered, expect))
        for word in f"We met old Dr. Who in the garden. {LONG} And nobody ever knew what he did.".split(" "):
            text.append(f"{word} ")
            if word == "garden.":
                if not buffered:
                    assert await told.get() == "we met old doctor who in the garden."
                assert text.first_taken is None if buffered else text.first_taken is not None
            await asyncio.sleep(0)
        assert [each.text for each in await reading] == ["we met old doctor who in the garden."]
        assert told.empty()

    run(work)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (f"{LONG} ", LONG.lower()),  # it might be followed by a short one
        (LONG, LONG.lower()),  # nothing says that it ends here, but nothing follows
        ("Sure!", "sure!"),
        (
            "When he came home in the evening, after a long day in the rain, he did not",
            "when he came home in the evening, after a long day in the rain,",
        ),
    ],
)
def test_a_listener_who_has_nothing_to_hear_is_given_what_there_is(written: str, sentence: str) -> None:
    async def work() -> None:
        text = LiveText(patience=QUICK)
        text.append(written)
        assert await taken(text) == [sentence]

    run(work)


@pytest.mark.parametrize("written", [f"{LONG} ", LONG, "Sure!"])
def test_a_listener_who_has_enough_to_hear_is_not(written: str) -> None:
    async def work() -> None:
        text = LiveText(patience=QUICK)
        text.append(written)
        reading = asyncio.create_task(taken(text, buffered=3600.0))
        await asyncio.wait({reading}, timeout=0.6)
        assert not reading.done()
        text.end()
        assert await reading == [written.strip().lower()]

    run(work)


@pytest.mark.parametrize("written", ["We met old Dr.", "It is about 3.", "And then I "])
def test_what_may_go_on_is_waited_for(written: str) -> None:
    async def work() -> None:
        text = LiveText(patience=QUICK)
        text.append(written)
        reading = asyncio.create_task(taken(text))
        await asyncio.wait({reading}, timeout=0.6)
        assert not reading.done()
        reading.cancel()

    run(work)


def test_a_text_in_single_characters_is_read_as_the_whole() -> None:
    async def work() -> None:
        text = LiveText(patience=SLOW)
        for character in f"Dr. Who paid $5 for 3.5 miles of that old road. {LONG}":
            text.append(character)
        text.end()
        found = await taken(text) + await taken(text) + await taken(text)
        assert found == ["doctor who paid five dollars for three point five miles of that old road.", LONG.lower()]

    run(work)


def test_many_small_pieces_do_not_block_other_sessions() -> None:
    """They are added as one: one by one, this takes many seconds."""

    async def work() -> None:
        text = LiveText(patience=SLOW)
        for character in "Nothing of this ends " * 25_000:
            text.append(character)
        begun = time.process_time()
        await taken(text)
        assert time.process_time() - begun < 3

    run(work)


def test_flushes_of_nothing_take_no_memory() -> None:
    text = LiveText(patience=SLOW)
    for _ in range(1000):
        text.append("")
        text.flush()
    assert len(text._written) == 1


def test_a_flush_gives_everything_out() -> None:
    async def work() -> None:
        text = LiveText(patience=SLOW)
        text.append("Well, I")
        text.flush()
        assert await taken(text, buffered=3600.0) == ["well, i."]

    run(work)


def test_after_the_end_nothing_is_written() -> None:
    async def work() -> None:
        text = LiveText(patience=SLOW)
        text.append(LONG)
        text.end()
        text.append(" Not this.")
        assert await taken(text) == [LONG.lower()]
        assert await taken(text) == []

    run(work)


def test_what_is_cleared_does_not_come() -> None:
    async def work() -> None:
        text = LiveText(patience=SLOW)
        text.append("Never this. ")
        text.clear()
        text.append(LONG)
        text.end()
        assert await taken(text) == [LONG.lower()]

    run(work)


def test_what_is_cleared_while_it_is_read_does_not_come() -> None:
    async def work() -> None:
        text = LiveText(patience=SLOW)
        text.append(f"{LONG} And what he did with it was known to")
        reading = asyncio.create_task(taken(text))
        await asyncio.sleep(0)  # it is being read in a thread now
        text.clear()
        text.append("This is said instead of all that.")
        text.end()
        assert await reading == ["this is said instead of all that."]

    run(work)


def test_half_a_character_is_dropped() -> None:
    """JavaScript's clients cut texts anywhere."""

    async def work() -> None:
        text = LiveText(patience=SLOW)
        text.append("Hello \ud83d")
        text.append("\ude00there, my dear old friend.")
        text.end()
        assert await taken(text) == ["hello there, my dear old friend."]

    run(work)


def test_a_pause_that_is_too_long_is_an_error() -> None:
    async def work() -> None:
        text = LiveText(patience=SLOW)
        text.append("Stay. [pause:20s]")
        text.end()
        with pytest.raises(InvalidValue, match="too long"):
            await taken(text)

    run(work)


def test_a_writer_is_asked_to_wait_and_then_refused() -> None:
    async def work() -> None:
        text = LiveText(patience=SLOW)
        await text.room()
        text.append("word " * (ROOM // 5))
        waiting = asyncio.create_task(text.room())
        await asyncio.sleep(0)
        assert not waiting.done()
        with pytest.raises(QueueFull, match="1000000 characters"):
            text.append("a" * MOST_WAITING)
        while not waiting.done():
            await text.sentences(lambda: 0.0)

    run(work)
