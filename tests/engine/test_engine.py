"""The engine's interface: order, fairness, cancellation, limits and the end of its thread."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.engine import Engine
from engine.errors import Cancelled, CheckpointError, EngineFailed, InvalidParameter, InvalidText, Overloaded, TimedOut
from engine.observations import Quantity
from engine.request import SamplingParameters, SpeechRequest
from engine.scheduling.scheduler import Scheduler
from engine.settings import EngineSettings
from engine.speech import SAMPLE_RATE, Chunk, Speech
from tests.engine.conftest import speak
from tests.waiting import wait_until

SENTENCE = "The quick brown fox jumps over the lazy dog, and so on."
LONG_TEXT = " ".join(f"This is sentence number {index} of a very long text." for index in range(80))


def small_engine(checkpoint: Path, **settings: object) -> Engine:
    patient = {"max_wait": 600.0}
    return Engine(EngineSettings(checkpoint=str(checkpoint), dtype="float32", threads=1, **patient | settings))  # type: ignore[arg-type]


def assert_same(actual: NDArray[np.float32], expected: NDArray[np.float32]) -> None:
    """Compare up to rounding, because the sizes of decoder inputs depend on the time."""
    assert actual.shape == expected.shape
    assert np.abs(actual - expected).max() <= 1e-5


def test_chunks_come_in_order_and_the_last_is_final(engine: Engine) -> None:
    chunks = list(engine.submit(SpeechRequest(f"{SENTENCE} {SENTENCE} {SENTENCE}")))
    assert [chunk.final for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert all(len(chunk.samples) for chunk in chunks)
    tokens = [chunk.audio_tokens for chunk in chunks]
    assert tokens == sorted(tokens)
    samples = sum(len(chunk.samples) for chunk in chunks)
    assert samples == (chunks[-1].audio_tokens - 3) * 2048  # N states give (N - 1) * 2048 samples


@pytest.mark.parametrize(("step_seconds", "samples"), [(0.010, 1536), (0.015, 1536 + 2048), (0.040, 1536 + 2 * 2048)])
def test_the_first_chunk_is_the_smallest_that_is_exact_and_lasts_for_some_steps(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, step_seconds: float, samples: int
) -> None:
    monkeypatch.setattr(engine._core._capacity_model, "observe", lambda *_: None)
    monkeypatch.setattr(engine._core._capacity_model, "step_seconds", step_seconds)
    first = next(iter(engine.submit(SpeechRequest(SENTENCE))))
    assert len(first.samples) == samples


def test_the_first_chunk_lasts_beyond_the_encoder_delay(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine._core._capacity_model, "observe", lambda *_: None)
    monkeypatch.setattr(engine._core._capacity_model, "step_seconds", 0.010)
    first = next(iter(engine.submit(SpeechRequest(SENTENCE, encoder_delay=0.1))))
    assert len(first.samples) == 1536 + 2 * 2048  # at least 0.04 + 0.1 s


def test_the_encoder_delay_is_checked() -> None:
    with pytest.raises(InvalidParameter, match="encoder_delay must be between"):
        SpeechRequest(SENTENCE, encoder_delay=5.0)


def test_a_whole_clip_is_one_chunk(engine: Engine) -> None:
    (chunk,) = engine.submit(SpeechRequest(f"{SENTENCE} {SENTENCE}", whole=True))
    assert chunk.final
    assert [start.index for start in chunk.sentences] == [0, 1]


def test_sentences_are_placed_in_audio_and_text(engine: Engine) -> None:
    first, second = "He paid twelve pounds for that old bicycle.", "Nobody knows why he wanted it so badly."
    text = f"  {first}\n\n{second} "
    starts = [start for chunk in engine.submit(SpeechRequest(text)) for start in chunk.sentences]
    assert [text[start.start : start.end] for start in starts] == [first, second]
    assert starts[0].sample == 0
    assert starts[1].sample == len(speak(engine, first))


def test_a_seed_reproduces_and_another_differs(engine: Engine) -> None:
    first = speak(engine, SENTENCE, temperature=0.9, seed=1)
    assert_same(speak(engine, SENTENCE, temperature=0.9, seed=1), first)
    other = speak(engine, SENTENCE, temperature=0.9, seed=2)
    assert first.shape != other.shape or not np.allclose(first, other)


@pytest.mark.parametrize("whole", [False, True])
def test_a_short_request_overtakes_a_long_one(tiny_checkpoint: Path, whole: bool) -> None:
    with small_engine(tiny_checkpoint, slots=8) as engine:
        long = engine.submit(SpeechRequest(LONG_TEXT, whole=whole))
        wait_until(lambda: engine.statistics().active_slots > 2)
        speak(engine, "A short one.", whole=whole)
        assert not long.ended
        long.cancel()


def test_sentences_of_one_request_run_side_by_side(tiny_checkpoint: Path) -> None:
    with small_engine(tiny_checkpoint, slots=8) as engine:
        speech = engine.submit(SpeechRequest(LONG_TEXT))
        wait_until(lambda: engine.statistics().active_slots > 2)
        speech.cancel()


def test_cancelling_frees_the_slots(engine: Engine) -> None:
    speech = engine.submit(SpeechRequest(LONG_TEXT))
    next(iter(speech))
    assert engine.statistics().active_slots > 0
    speech.cancel()
    with pytest.raises(Cancelled):
        list(speech)
    wait_until(lambda: engine.statistics().active_slots == 0)
    assert engine.statistics().open_requests == 0


def test_cancelling_one_leaves_the_others_unchanged(engine: Engine) -> None:
    alone = speak(engine, SENTENCE)
    doomed = [engine.submit(SpeechRequest(LONG_TEXT)) for _ in range(3)]
    kept = engine.submit(SpeechRequest(SENTENCE))
    for speech in doomed:
        speech.cancel()
    assert_same(np.concatenate([chunk.samples for chunk in kept]), alone)


def test_a_slot_keeps_nothing_of_a_cancelled_sentence(tiny_checkpoint: Path) -> None:
    with small_engine(tiny_checkpoint, slots=1) as engine:
        expected = speak(engine, SENTENCE)
        cancelled = engine.submit(SpeechRequest("Something else that nobody will hear to the end."))
        next(iter(cancelled))
        cancelled.cancel()
        assert_same(speak(engine, SENTENCE), expected)


def test_a_full_engine_refuses_more(tiny_checkpoint: Path) -> None:
    with small_engine(tiny_checkpoint, slots=1, max_requests=2) as engine:
        open_requests = [engine.submit(SpeechRequest(LONG_TEXT)) for _ in range(2)]
        with pytest.raises(Overloaded, match="the limit of 2 open requests"):
            engine.submit(SpeechRequest(SENTENCE))
        assert engine.statistics().rejected == 1
        open_requests[0].cancel()
        wait_until(lambda: engine.statistics().open_requests == 1)
        engine.submit(SpeechRequest(SENTENCE)).cancel()


def test_a_stream_that_would_wait_too_long_is_refused(tiny_checkpoint: Path) -> None:
    with small_engine(tiny_checkpoint, slots=1, max_wait=1e-6) as engine:
        first = engine.submit(SpeechRequest(LONG_TEXT))
        with pytest.raises(Overloaded, match="a stream would wait"):
            engine.submit(SpeechRequest(SENTENCE))
        assert engine.statistics().rejected == 1
        clip = engine.submit(SpeechRequest(SENTENCE, whole=True))
        first.cancel()
        assert next(iter(clip)).final


def test_a_stream_below_the_capacity_is_never_refused(tiny_checkpoint: Path) -> None:
    with small_engine(tiny_checkpoint, max_wait=1e-6) as engine:
        for _ in range(3):
            assert speak(engine, SENTENCE).size


def test_the_estimated_wait_counts_all_audio_of_a_stream(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds: list[float] = []
    monkeypatch.setattr(engine._core._requests.queue_estimator, "observe", seconds.append)
    assert [len(speak(engine, SENTENCE)) / SAMPLE_RATE] == seconds


def test_a_slow_reader_idles_its_rows_and_no_others(tiny_checkpoint: Path) -> None:
    text = " ".join([SENTENCE] * 8)
    with small_engine(tiny_checkpoint, slots=8, buffered_seconds=2.0) as engine:
        slow = engine.submit(SpeechRequest(text))
        wait_until(lambda: slow.buffered_samples >= 2.0 * 32000)
        speak(engine, SENTENCE)  # after this, all rows of the slow reader idle
        before = engine.statistics().counters.tokens
        (other,) = engine.submit(SpeechRequest(SENTENCE, whole=True))
        assert (
            engine.statistics().counters.tokens - before == other.audio_tokens + 1
        )  # its own tokens and the end token
        assert slow.buffered_samples < 8.0 * 32000
        assert sum(len(chunk.samples) for chunk in slow) == 8 * len(other.samples)


@pytest.mark.parametrize("whole", [False, True])
def test_a_request_misses_its_deadline_even_if_every_stream_pauses(tiny_checkpoint: Path, whole: bool) -> None:
    with small_engine(tiny_checkpoint, slots=1, buffered_seconds=0.5, first_audio_deadline=3.0) as engine:
        paused = engine.submit(SpeechRequest(f"{SENTENCE} {SENTENCE}"))
        wait_until(lambda: paused.buffered_samples >= 0.5 * 32000)
        begun = time.perf_counter()
        late = engine.submit(SpeechRequest(SENTENCE, whole=whole))
        wait_until(lambda: late.ended)
        assert time.perf_counter() - begun >= 3.0
        with pytest.raises(TimedOut, match="no audio was made within 3 s"):
            list(late)
        wait_until(lambda: engine.statistics().waiting_requests == 0)
        statistics = engine.statistics()
        assert (statistics.counters.timed_out, statistics.counters.failed) == (1, 0)
        assert statistics.open_requests == 1
        assert list(paused)[-1].final


def test_deadlines_count_from_a_requests_arrival(engine: Engine) -> None:
    with pytest.raises(TimedOut):
        list(engine.submit(SpeechRequest(SENTENCE), arrived=time.perf_counter() - 61))
    assert engine.statistics().active_slots == 0
    assert len(speak(engine, SENTENCE))


def observed(engine: Engine) -> dict[Quantity, float]:
    """Return the measurements; each quantity occurs at most once."""
    taken = engine.observations.take()
    values = dict(taken)
    assert len(values) == len(taken)
    return values


@pytest.mark.parametrize("whole", [False, True])
def test_a_request_is_measured_from_its_arrival(engine: Engine, whole: bool) -> None:
    engine.observations.take()
    arrived = time.perf_counter() - 10
    samples = sum(len(chunk.samples) for chunk in engine.submit(SpeechRequest(SENTENCE, whole=whole), arrived=arrived))
    wait_until(lambda: engine.statistics().active_slots == 0)
    values = observed(engine)
    assert values.keys() == {Quantity.QUEUE, Quantity.REAL_TIME_FACTOR} | (set() if whole else {Quantity.FIRST_AUDIO})
    seconds = values[Quantity.REAL_TIME_FACTOR] * samples / 32000
    assert 10 <= values[Quantity.QUEUE] <= values.get(Quantity.FIRST_AUDIO, seconds) <= seconds
    assert seconds <= time.perf_counter() - arrived


def test_a_cancellation_is_measured_until_the_slots_are_free(engine: Engine) -> None:
    speech = engine.submit(SpeechRequest(LONG_TEXT))
    next(iter(speech))
    engine.observations.take()
    last_seen = time.perf_counter() - 10
    speech.cancel(since=last_seen)
    speech.cancel()
    wait_until(lambda: engine.statistics().active_slots == 0)
    wait_until(lambda: engine.statistics().counters.cancelled)
    passed = time.perf_counter() - last_seen
    assert 10 <= observed(engine)[Quantity.CANCEL] <= passed


def test_a_bad_text_is_the_callers_error_and_opens_no_request(engine: Engine) -> None:
    for text in ("", "   ", "...", "\N{GRINNING FACE}"):
        with pytest.raises(InvalidText):
            engine.submit(SpeechRequest(text))
    assert engine.statistics().open_requests == 0


def test_a_sentence_at_its_token_limit_is_retried_and_then_ends(tiny_checkpoint: Path) -> None:
    with small_engine(tiny_checkpoint) as engine:
        parameters = SamplingParameters(temperature=2.0, top_k=0, top_p=1.0, repetition_penalty=0.1, retries=2)
        (chunk,) = engine.submit(SpeechRequest("word " * 60, parameters, whole=True))
        assert chunk.audio_tokens <= 512
        assert engine.statistics().counters.retries <= 2


def test_closing_ends_the_thread_and_whatever_is_open(tiny_checkpoint: Path) -> None:
    before = set(threading.enumerate())
    engine = small_engine(tiny_checkpoint)
    (thread,) = set(threading.enumerate()) - before
    assert thread.name == "engine"
    speech = engine.submit(SpeechRequest(LONG_TEXT))
    engine.close()
    engine.close()
    assert not thread.is_alive()
    with pytest.raises(Cancelled):
        list(speech)
    with pytest.raises(EngineFailed):
        engine.submit(SpeechRequest(SENTENCE))


def test_a_failure_ends_everything_and_is_reported(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reported = threading.Event()
    engine = Engine(EngineSettings(checkpoint=str(tiny_checkpoint)), on_failure=reported.set)
    speech = engine.submit(SpeechRequest(LONG_TEXT))
    next(iter(speech))

    def fail(*_: object) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(Scheduler, "schedule", fail)
    with pytest.raises(EngineFailed):
        list(speech)
    assert reported.wait(10)
    with pytest.raises(EngineFailed):
        engine.submit(SpeechRequest(SENTENCE))
    engine.close()


def test_a_missing_checkpoint_starts_no_thread() -> None:
    before = threading.enumerate()
    with pytest.raises(CheckpointError):
        Engine(EngineSettings(checkpoint="/no/such/place"))
    assert threading.enumerate() == before


def test_on_ready_announces_every_chunk(engine: Engine) -> None:
    taken: list[Chunk] = []
    done = threading.Event()

    def take(speech: Speech) -> None:
        while (chunk := speech.take()) is not None:
            taken.append(chunk)
            if chunk.final:
                done.set()

    engine.submit(SpeechRequest(SENTENCE), on_ready=take)
    assert done.wait(20)
    assert_same(np.concatenate([chunk.samples for chunk in taken]), speak(engine, SENTENCE))
