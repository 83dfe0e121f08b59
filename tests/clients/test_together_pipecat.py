"""Pipecat's service for Together, in a pipeline. It commits each sentence of an LLM's answer by itself."""

import asyncio
from collections.abc import Iterator

import pytest
from pipecat.frames.frames import (
    Frame,
    InterruptionFrame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
)
from pipecat.services.together.tts import TogetherTTSService
from pipecat.tests.utils import SleepFrame

from tests.clients.pipecat_pipeline import (
    Frames,
    Heard,
    after_interruption,
    answer,
    audio_after_a_restart,
    audio_of,
    errors_of,
    run,
)
from tests.clients.recogniser import understood
from tests.clients.serving import KEY, Server
from tests.clients.texts import CLIENTS_RATE, LONG_TEXT, SENTENCES
from tests.waiting import wait_until


def service(server: Server, key: str = KEY) -> TogetherTTSService:
    """The service as it is, with Together's own model and voice."""
    url = f"{server.base_url}/audio/speech/websocket".replace("http://", "ws://")
    return TogetherTTSService(api_key=key, url=url)


@pytest.mark.parametrize("pause", [0.0, 0.01, 0.15])
def test_an_answer_is_understood_in_order(speaking_server: Server, pause: float) -> None:
    """Sentences come sooner than they are spoken, as they are spoken, and later."""
    text = " ".join(SENTENCES)
    down, up = asyncio.run(run(service(speaking_server), answer(text, pause)))
    assert errors_of(up) == []
    assert understood(text, audio_of(down), CLIENTS_RATE) > 0.75
    kinds = [type(frame) for frame in down]
    assert kinds.index(TTSStartedFrame) < kinds.index(TTSAudioRawFrame) < kinds.index(TTSStoppedFrame)


def test_an_answer_that_comes_at_once_begins_and_ends_once(speaking_server: Server) -> None:
    down, _ = asyncio.run(run(service(speaking_server), answer(" ".join(SENTENCES))))
    kinds = [type(frame) for frame in down]
    assert kinds.count(TTSStartedFrame) == kinds.count(TTSStoppedFrame) == 1


def test_answers_follow_each_other(speaking_server: Server) -> None:
    def frames() -> Iterator[Frame]:
        for sentence in SENTENCES:
            yield from answer(sentence)

    down, up = asyncio.run(run(service(speaking_server), frames()))
    assert errors_of(up) == []
    assert understood(" ".join(SENTENCES), audio_of(down), CLIENTS_RATE) > 0.75
    assert len([frame for frame in down if isinstance(frame, TTSStoppedFrame)]) == len(SENTENCES)


def test_a_text_without_words_holds_nothing_up(speaking_server: Server) -> None:
    frames = [TTSSpeakFrame("\N{GRINNING FACE}"), TTSSpeakFrame(SENTENCES[0])]
    down, up = asyncio.run(run(service(speaking_server), frames))
    assert len(errors_of(up)) == 1  # Pipecat's own: it expects audio of every text
    assert understood(SENTENCES[0], audio_of(down), CLIENTS_RATE) > 0.75


def test_after_an_interruption_only_the_next_answer_is_heard(speaking_server: Server) -> None:
    heard = Heard()

    def frames() -> Iterator[Frame]:
        yield from answer(LONG_TEXT, pause=0.0)
        while not heard.audio:
            yield SleepFrame(0.05)
        yield InterruptionFrame()
        yield from answer(SENTENCES[0])

    down, up = asyncio.run(run(service(speaking_server), frames(), heard))
    assert errors_of(up) == []
    audio = audio_of(after_interruption(down))
    assert understood(SENTENCES[0], audio, CLIENTS_RATE) > 0.75
    assert len(audio) / 2 / CLIENTS_RATE < 6  # nothing of the first answer
    wait_until(lambda: speaking_server.in_flight() == 0)


def test_two_sessions_are_heard_at_once(speaking_server: Server) -> None:
    async def both() -> list[tuple[Frames, Frames]]:
        return await asyncio.gather(*(run(service(speaking_server), answer(each)) for each in SENTENCES[:2]))

    for sentence, (down, up) in zip(SENTENCES, asyncio.run(both()), strict=False):
        assert errors_of(up) == []
        assert understood(sentence, audio_of(down), CLIENTS_RATE) > 0.75


def test_a_wrong_key_is_an_error_frame(speaking_server: Server) -> None:
    down, up = asyncio.run(run(service(speaking_server, key="sk-of-a-stranger"), answer(SENTENCES[0])))
    assert audio_of(down) == b""
    assert [error for error in errors_of(up) if "401" in error]


def test_after_a_restart_it_connects_again_and_speaks(speaking_server: Server) -> None:
    audio = audio_after_a_restart(service(speaking_server), speaking_server)
    assert understood(SENTENCES[0], audio, CLIENTS_RATE) > 0.75
