"""Pauses are silence in the audio, exact to a sample."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.engine import Engine
from engine.errors import NoAudio
from engine.request import SamplingParameters, SpeechRequest
from engine.runtime.model_runner import Beat, Runner
from engine.scheduling.sequence import Sequence, Stage
from engine.scheduling.utterance import Utterance
from engine.settings import EngineSettings
from engine.speech import SAMPLE_RATE, Chunk, Flag, SentenceEnd, SentenceFlag, Speech
from tests.engine.pauses import TEXT, Preparation, samples
from text.sentences import Sentence

NO_RETRIES = SamplingParameters(retries=0)
EVERYWHERE = {0: 0.5, 1: 0.12345, 2: 2.75, 3: 1.5}


@pytest.fixture
def preparation(monkeypatch: pytest.MonkeyPatch) -> Preparation:
    preparation = Preparation()
    monkeypatch.setattr("engine.engine.prepare", preparation)
    return preparation


@pytest.fixture(scope="module")
def engine(tiny_checkpoint: Path) -> Iterator[Engine]:
    settings = EngineSettings(checkpoint=str(tiny_checkpoint), dtype="float32", threads=1, slots=4, max_wait=600)
    with Engine(settings) as engine:
        yield engine


def chunks_of(engine: Engine, text: str = TEXT, *, whole: bool = False) -> list[Chunk]:
    return list(engine.submit(SpeechRequest(text, NO_RETRIES, whole=whole)))


def joined(chunks: list[Chunk]) -> NDArray[np.float32 | np.int16]:
    return np.concatenate([chunk.samples for chunk in chunks])


def spoken_alone(engine: Engine, preparation: Preparation) -> list[NDArray[np.float32 | np.int16]]:
    """Return the audio of each sentence of a text without pauses."""
    preparation.pauses = {}
    (clip,) = chunks_of(engine, whole=True)
    return np.split(clip.samples, [start.sample for start in clip.sentences[1:]])


def assembled(
    audio: list[NDArray[np.float32 | np.int16]], pauses: Mapping[int, float], left_out: int | None = None
) -> NDArray[np.float32 | np.int16]:
    """Return the audio of the sentences with silence between them."""
    parts: list[NDArray[np.float32 | np.int16]] = []
    for index in range(len(audio) + 1):
        parts.append(np.zeros(samples(pauses.get(index, 0.0)), dtype=np.float32))
        if index < len(audio) and index != left_out:
            parts.append(audio[index])
    return np.concatenate(parts)


def assert_equal(heard: NDArray[np.float32 | np.int16], expected: NDArray[np.float32 | np.int16]) -> None:
    assert heard.shape == expected.shape
    assert np.abs(heard - expected).max() <= 1e-5
    assert not heard[expected == 0].any()  # silence is exact


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("pauses", [EVERYWHERE, {1: 1.0}, {0: 3.2}, {3: 0.00002}, {3: 5}])
def test_the_silence_is_as_long_as_the_pauses(
    engine: Engine, preparation: Preparation, pauses: Mapping[int, float], whole: bool
) -> None:
    expected = assembled(spoken_alone(engine, preparation), pauses)
    preparation.pauses = pauses
    chunks = chunks_of(engine, whole=whole)
    assert_equal(joined(chunks), expected)
    assert [chunk.final for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert len(chunks) == 1 or not whole


@pytest.mark.parametrize("whole", [False, True])
def test_sentences_begin_after_their_pause_and_end_before_the_next(
    engine: Engine, preparation: Preparation, whole: bool
) -> None:
    first, second, third = map(len, spoken_alone(engine, preparation))
    preparation.pauses = {0: 0.5, 2: 2.75, 3: 1.5}
    chunks = chunks_of(engine, whole=whole)
    begin = samples(0.5)
    begins = [begin, begin + first, begin + first + second + samples(2.75)]
    assert [start.sample for chunk in chunks for start in chunk.sentences] == begins
    ends = [SentenceEnd(1, begin + first + second), SentenceEnd(2, begins[2] + third)]
    assert [end for chunk in chunks for end in chunk.ends] == ends


def test_each_sentence_is_reported_as_it_is_spoken(engine: Engine) -> None:
    chunks = chunks_of(engine, "Dr. Smith paid for the 3 old bicycles. Nobody knows why he wanted them so badly.")
    assert [start.spoken for chunk in chunks for start in chunk.sentences] == [
        "doctor smith paid for the three old bicycles.",
        "nobody knows why he wanted them so badly.",
    ]


def test_batched_equals_alone_with_pauses(engine: Engine, preparation: Preparation) -> None:
    preparation.pauses = EVERYWHERE
    alone = joined(chunks_of(engine))
    crowd = [engine.submit(SpeechRequest(TEXT, NO_RETRIES, whole=index % 2 == 0)) for index in range(12)]
    for speech in crowd:
        assert_equal(joined(list(speech)), alone)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("silent", [0, 1, 2])
def test_the_pause_before_a_silent_sentence_is_kept(
    engine: Engine, preparation: Preparation, monkeypatch: pytest.MonkeyPatch, silent: int, whole: bool
) -> None:
    expected = assembled(spoken_alone(engine, preparation), EVERYWHERE, left_out=silent)
    begin = Sequence.__init__

    def limited(sequence: Sequence, *arguments: object) -> None:
        begin(sequence, *arguments)  # type: ignore[arg-type]
        if sequence.index == silent:
            sequence.token_limit = 1

    monkeypatch.setattr(Sequence, "__init__", limited)
    preparation.pauses = EVERYWHERE
    chunks = chunks_of(engine, whole=whole)
    assert_equal(joined(chunks), expected)
    assert [flag for chunk in chunks for flag in chunk.flags] == [SentenceFlag(silent, Flag.SILENT)]


def test_a_text_of_pauses_without_any_sound_is_refused(
    engine: Engine, preparation: Preparation, monkeypatch: pytest.MonkeyPatch
) -> None:
    preparation.pauses = EVERYWHERE
    monkeypatch.setattr(Sequence, "token_limit", property(lambda _: 1, lambda _, __: None), raising=False)
    with pytest.raises(NoAudio):
        chunks_of(engine)


def test_a_long_pause_comes_in_chunks_of_at_most_a_second(engine: Engine, preparation: Preparation) -> None:
    audio = spoken_alone(engine, preparation)
    preparation.pauses = {0: 30.0, 3: 30.0}
    chunks = chunks_of(engine)
    assert_equal(joined(chunks), assembled(audio, preparation.pauses))
    silent = [len(chunk.samples) for chunk in chunks if not chunk.samples.any()]
    assert set(silent) == {SAMPLE_RATE}
    assert len(silent) >= 58


def test_pauses_survive_a_step_that_fails(
    tiny_checkpoint: Path, preparation: Preparation, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = EngineSettings(checkpoint=str(tiny_checkpoint), dtype="float32", threads=1, slots=4, max_wait=600)
    with Engine(settings) as engine:
        preparation.pauses = EVERYWHERE
        expected = joined(chunks_of(engine))
        beat, failures = Runner.beat, iter([MemoryError("no room for this step")])

        def failing(runner: Runner, *arguments: Any) -> Beat:
            result = beat(runner, *arguments)
            for failure in failures:
                raise failure
            return result

        monkeypatch.setattr(Runner, "beat", failing)
        assert_equal(joined(chunks_of(engine)), expected)
        assert engine.statistics().counters.step_failures == 1


# Without an engine


def utterance(*pauses: float, whole: bool = False) -> Utterance:
    """Return a request with these pauses before its sentences, and the last one at its end."""
    *before, after = pauses
    request = SpeechRequest("text", whole=whole)
    last = len(before) - 1
    sequences = [
        Sequence(request, index, Sentence("text", 0, 4, pause, after if index == last else 0.0), [0])
        for index, pause in enumerate(before)
    ]
    return Utterance(request, sequences, Speech(wake_engine=lambda _: None), buffered_seconds=1.0)


def finish(utterance: Utterance, index: int, audio: int) -> None:
    """Let a sentence end after some samples."""
    sequence = utterance.sequences[index]
    if audio:
        utterance.add_audio(sequence, np.ones(audio, dtype=np.float32))
    sequence.stage = Stage.FINISHED


def emitted(utterance: Utterance, now: float = 1.0) -> list[int]:
    return [len(chunk.samples) for chunk in utterance.emit(now)]


def test_a_pause_at_the_beginning_waits_for_the_first_audio() -> None:
    made = utterance(0.5, 0.0)
    assert emitted(made) == []
    assert not made.has_emitted
    made.add_audio(made.sequences[0], np.ones(100, dtype=np.float32))
    assert made.pending_seconds == pytest.approx(0.5 + 100 / SAMPLE_RATE)
    assert emitted(made) == [16100]


def test_a_later_pause_does_not_wait_for_the_sentence_after_it() -> None:
    made = utterance(0.0, 0.5, 0.0)
    finish(made, 0, 100)
    assert emitted(made) == [16100]
    assert made.head is made.sequences[1]
    assert made.sequences[1].may_retry
    finish(made, 1, 100)
    assert emitted(made) == [100]


def test_a_pause_counts_as_audio_to_play_and_to_take() -> None:
    made = utterance(0.0, 2.0, 0.0)
    finish(made, 0, 32000)
    assert emitted(made, now=10.0) == [64000, 32000]
    assert made.playback_end == pytest.approx(13.0)
    assert made.audio_seconds == 3.0
    assert made.reader_lags


def test_a_restart_begins_with_the_first_sentence_and_its_pause() -> None:
    made = utterance(0.5, 0.25, 0.0)
    finish(made, 0, 0)
    made.sequences[0].flag = Flag.SILENT
    assert emitted(made) == []
    assert made.head is made.sequences[1]
    made.restart()
    assert made.head is made.sequences[0]
    finish(made, 0, 100)
    finish(made, 1, 100)
    (chunk,) = made.emit(1.0)
    assert len(chunk.samples) == 16000 + 100 + 8000 + 100
    assert [start.sample for start in chunk.sentences] == [16000, 24100]
    assert chunk.flags == ()


def test_a_long_pause_at_the_end_ends_the_stream_once() -> None:
    made = utterance(0.0, 2.5)
    finish(made, 0, 100)
    chunks = made.emit(1.0)
    assert [(len(chunk.samples), chunk.final) for chunk in chunks] == [(32100, False), (32000, False), (16000, True)]


def test_a_pause_of_a_whole_clip_is_not_cut() -> None:
    made = utterance(0.0, 2.5, 1.5, whole=True)
    finish(made, 0, 100)
    assert emitted(made) == []
    finish(made, 1, 100)
    assert emitted(made) == [100 + 80000 + 100 + 48000]
