"""The built-in voice through the whole path: its clips are recognised and measured.

It must be intelligible, its sentences must come in order, and speech must begin and end at the right time. For each
property another test breaks the audio, to show that the measurement notices.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle

import numpy as np
import pytest

from engine.checkpoint.files import BUILTIN, BUILTIN_DIRECTORY
from engine.checkpoint.load import verify
from launch.process import ports
from launch.proxy_server import ProxyServer, ProxySettings
from tests.conftest import server_with
from voices.corpus.held_out import held_out_sentences
from voices.evaluation.recogniser import Recogniser
from voices.evaluation.silence import Silence
from voices.evaluation.sound import Sound
from voices.evaluation.speaker import Speaker, SpeechOptions
from voices.evaluation.word_errors import WordErrors, comparable_words

SENTENCES = held_out_sentences(12)
TEXTS = [" ".join(SENTENCES[start : start + 3]) for start in range(0, 12, 3)]
FORMATS = ("pcm", "mp3", "opus", "aac", "flac", "wav")

WORST = 0.12
"""The highest word error rate that passes; audio that is broken as below has more."""
BEFORE, AFTER = (0.02, 0.07), (0.14, 0.31)
"""Seconds of silence before and after a sentence; the teacher leaves 0.04 and 0.24. A state is 0.064 s."""
STATE = 2048  # samples
CHUNK = 4 * STATE


@pytest.fixture(scope="module")
def speaker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Speaker]:
    """The voice behind a real tritonserver and a real proxy."""
    with server_with(BUILTIN_DIRECTORY, tmp_path_factory.mktemp("triton")) as triton:
        proxy = ProxyServer(ProxySettings(triton.grpc_url, port=ports.find_free("127.0.0.1", 1)[0]))
        proxy.start(threading.Event())
        try:
            with Speaker(proxy.url) as speaker:
                yield speaker
        finally:
            proxy.stop(timeout=10)


@pytest.fixture(scope="module")
def parts(speaker: Speaker) -> list[list[Sound]]:
    """The clip of each text, cut where its sentences begin."""
    clips = [speaker.say_timed(text) for text in TEXTS]
    cuts = [[round(begin * clip.sound.rate) for begin in clip.sentence_starts[1:]] for clip in clips]
    return [
        [Sound(part, clip.sound.rate) for part in np.split(clip.sound.samples, cut)]
        for clip, cut in zip(clips, cuts, strict=True)
    ]


def joined(parts: Sequence[Sound]) -> Sound:
    return Sound(np.concatenate([part.samples for part in parts]), parts[0].rate)


def error_rate(recogniser: Recogniser, texts: Sequence[str], sounds: Sequence[Sound]) -> float:
    recognised = map(comparable_words, map(recogniser.text, sounds))
    return WordErrors.total(map(WordErrors.of, map(comparable_words, texts), recognised)).rate


def test_it_is_whole_and_small() -> None:
    assert verify(BUILTIN_DIRECTORY).name == BUILTIN
    assert sum(file.stat().st_size for file in BUILTIN_DIRECTORY.iterdir()) <= 24_000_000


def test_it_is_intelligible_in_every_format(speaker: Speaker, recogniser: Recogniser) -> None:
    variants = [SpeechOptions(audio_format) for _, audio_format in zip(SENTENCES, cycle(FORMATS), strict=False)]
    sounds = [speaker.say(sentence, options) for sentence, options in zip(SENTENCES, variants, strict=True)]
    assert error_rate(recogniser, SENTENCES, sounds) <= WORST


def test_sentences_come_in_their_order(recogniser: Recogniser, parts: list[list[Sound]]) -> None:
    assert error_rate(recogniser, TEXTS, [joined(part) for part in parts]) <= WORST


def test_speech_begins_and_ends_where_it_should(parts: list[list[Sound]]) -> None:
    assert begins_and_ends([sound for part in parts for sound in part])


def begins_and_ends(sounds: Sequence[Sound]) -> bool:
    silence = Silence.mean(map(Silence.around, sounds))
    return BEFORE[0] <= silence.before <= BEFORE[1] and AFTER[0] <= silence.after <= AFTER[1]


def swapped(parts: list[Sound]) -> list[Sound]:
    return [parts[1], parts[0], *parts[2:]]


def with_a_chunk_dropped(parts: list[Sound]) -> list[Sound]:
    """Leave out every third chunk."""
    kept = [chunk for index, chunk in enumerate(np.split(joined(parts).samples, cuts(parts))) if index % 3 != 2]
    return [Sound(np.concatenate(kept), parts[0].rate)]


def cuts(parts: list[Sound]) -> list[int]:
    return list(range(CHUNK, sum(len(part.samples) for part in parts), CHUNK))


@pytest.mark.parametrize("broken", [swapped, with_a_chunk_dropped])
def test_the_measurement_notices_broken_audio(
    recogniser: Recogniser, parts: list[list[Sound]], broken: Callable[[list[Sound]], list[Sound]]
) -> None:
    assert error_rate(recogniser, TEXTS, [joined(broken(part)) for part in parts]) > WORST


@pytest.mark.parametrize("states", [-1, 1])
def test_the_measurement_notices_states_that_are_shifted(parts: list[list[Sound]], states: int) -> None:
    shifted = [Sound(np.roll(sound.samples, states * STATE), sound.rate) for part in parts for sound in part]
    assert not begins_and_ends(shifted)
