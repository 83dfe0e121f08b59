"""The engine in a child process: the same audio, and a restart after every death."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.client import EngineClient
from engine.engine import Engine
from engine.errors import (
    Cancelled,
    CheckpointError,
    EngineFailed,
    EngineUnavailable,
    InvalidText,
    Overloaded,
    Quarantined,
    TimedOut,
)
from engine.observations import Quantity
from engine.request import SamplingParameters, SpeechRequest
from engine.settings import EngineSettings
from engine.speech import Speech, pcm16
from launch.process.process_table import children
from tests.engine.pauses import SENTENCES, with_pauses
from tests.engine.pauses import TEXT as PAUSED
from tests.waiting import wait_until
from text.errors import TextError
from text.lexicon import Lexicon
from text.options import ReadingOptions
from text.worker import PreparationResult, TextJob, work

SENTENCE = "The quick brown fox jumps over the lazy dog, and so on."
LONG_TEXT = " ".join(f"This is sentence number {index} of a very long text." for index in range(80))


def settings(checkpoint: Path, **changes: object) -> EngineSettings:
    usual = {"dtype": "float32", "slots": 8, "threads": 1, "max_wait": 600.0}
    return EngineSettings(checkpoint=str(checkpoint), **usual | changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def client(tiny_checkpoint: Path) -> Iterator[EngineClient]:
    with EngineClient(settings(tiny_checkpoint)) as client:
        yield client


@pytest.fixture
def mortal(tiny_checkpoint: Path) -> Iterator[EngineClient]:
    """A client for one test, whose engine may be killed."""
    with EngineClient(settings(tiny_checkpoint)) as client:
        yield client


def pid_of(client: EngineClient) -> int:
    """Wait until an engine runs; return its process id."""
    wait_until(lambda: client.engine_pid is not None)
    pid = client.engine_pid
    assert pid is not None
    return pid


def name_of(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()


def kill(client: EngineClient, number: signal.Signals = signal.SIGKILL) -> int:
    """Send a signal to the engine's process; return its id."""
    pid = pid_of(client)
    os.kill(pid, number)
    return pid


def listen(speech: Speech) -> NDArray[np.float32 | np.int16]:
    """Return all samples."""
    return np.concatenate([chunk.samples for chunk in speech])


def test_the_same_audio_comes_from_another_process(client: EngineClient, engine: Engine) -> None:
    texts = [SENTENCE, f"{SENTENCE} And here is another sentence, by the same speaker.", "Hello you."]
    speeches = [client.submit(SpeechRequest(text, whole=index == 1)) for index, text in enumerate(texts)]
    for text, speech in zip(texts, speeches, strict=True):
        expected = pcm16(np.concatenate([chunk.samples for chunk in engine.submit(SpeechRequest(text))]))
        heard = listen(speech)
        assert heard.dtype == np.int16
        assert heard.shape == expected.shape
        assert np.abs(heard.astype(np.int32) - expected).max() <= 1


class _TextsWithPauses:
    """Takes the place of `TextWorkers`: prepares texts at once, with pauses, and notes how they are to be read."""

    pauses: ClassVar = {0: 0.5, 1: 0.12345, 2: 12.5, 3: 1.5}

    def __init__(self, max_queued: int, lexicon: Lexicon) -> None:  # noqa: ARG002 - it has no queue
        self.lexicon = lexicon
        self.jobs: list[TextJob] = []

    def submit(self, job: TextJob, _: object, on_done: Callable[[PreparationResult], None]) -> None:
        self.jobs.append(job)
        prepared = work(job)
        on_done(prepared if isinstance(prepared, TextError) else with_pauses(prepared, self.pauses))

    def close(self) -> None:
        pass


@pytest.fixture
def pausing(tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EngineClient]:
    """A client whose texts have pauses, with a lexicon."""
    monkeypatch.setattr("engine.client.TextWorkers", _TextsWithPauses)
    (tmp_path / "words.toml").write_text('"fox" = "dog"\n')
    with EngineClient(settings(tiny_checkpoint, text="plain", lexicon=str(tmp_path / "words.toml"))) as client:
        yield client


def test_pauses_and_sentences_come_from_another_process(pausing: EngineClient) -> None:
    for whole in (False, True):
        chunks = list(pausing.submit(SpeechRequest(PAUSED, whole=whole)))
        heard = np.concatenate([chunk.samples for chunk in chunks])
        starts = [start for chunk in chunks for start in chunk.sentences]
        ends = [end.sample for chunk in chunks for end in chunk.ends]
        assert heard.dtype == np.int16
        assert starts[0].sample == 16000
        assert [start.sample - end for start, end in zip(starts[1:], ends, strict=False)] == [3950, 400_000]
        assert len(heard) - ends[-1] == 48000
        assert not heard[:16000].any()
        assert not heard[ends[1] : starts[2].sample].any()
        assert not heard[ends[2] :].any()
        assert [start.spoken for start in starts] == [sentence.lower() for sentence in SENTENCES]


def test_pauses_survive_the_death_of_an_engine(pausing: EngineClient) -> None:
    expected = listen(pausing.submit(SpeechRequest(PAUSED, whole=True)))
    pid = kill(pausing, signal.SIGSTOP)
    speech = pausing.submit(SpeechRequest(PAUSED, whole=True))
    os.kill(pid, signal.SIGKILL)
    heard = listen(speech)
    assert heard.shape == expected.shape
    assert np.abs(heard.astype(np.int32) - expected).max() <= 1


def test_how_a_text_is_read_reaches_the_text_workers(pausing: EngineClient) -> None:
    texts = pausing._texts
    assert isinstance(texts, _TextsWithPauses)
    assert texts.lexicon == (("fox", "dog"),)
    listen(pausing.submit(SpeechRequest(SENTENCE)))
    listen(pausing.submit(SpeechRequest(SENTENCE, plain=False, lexicon=(("dog", "cat"),))))
    assert [job.options for job in texts.jobs] == [ReadingOptions(True), ReadingOptions(False, (("dog", "cat"),))]


def test_the_servers_process_loads_no_pytorch() -> None:
    program = "import sys, engine.client; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_processes_have_names(client: EngineClient) -> None:
    list(client.submit(SpeechRequest(SENTENCE)))
    names = [name_of(pid) for pid in children(os.getpid())]
    assert names.count("soprano-forks") == 1
    assert names.count("soprano-text") == 2
    assert name_of(pid_of(client)) == "soprano-engine"


def test_text_workers_have_a_lower_priority_than_the_engine(client: EngineClient) -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    list(client.submit(SpeechRequest(SENTENCE)))
    processes = [pid_of(client), *children(os.getpid())]
    niceness = {name_of(pid): os.getpriority(os.PRIO_PROCESS, pid) - own for pid in processes}
    assert (niceness["soprano-engine"], niceness["soprano-text"]) == (0, 10)


def test_closing_leaves_no_process_and_no_thread(tiny_checkpoint: Path) -> None:
    threads, processes = set(threading.enumerate()), set(children(os.getpid()))
    client = EngineClient(settings(tiny_checkpoint, max_requests=1))
    speech = client.submit(SpeechRequest(LONG_TEXT))
    next(iter(speech))
    client.close()
    client.close()
    with pytest.raises(Cancelled):
        list(speech)
    with pytest.raises(EngineFailed, match="has stopped"):
        client.submit(SpeechRequest(SENTENCE))
    assert set(children(os.getpid())) == processes
    assert set(threading.enumerate()) == threads


def test_the_processes_end_when_the_server_is_killed(tiny_checkpoint: Path) -> None:
    program = (
        "import sys, time; from engine.client import EngineClient; from engine.settings import EngineSettings;"
        "client = EngineClient(EngineSettings(checkpoint=sys.argv[1], threads=1));"
        "print(client.engine_pid, flush=True);"
        "time.sleep(600)"
    )
    command = [sys.executable, "-c", program, str(tiny_checkpoint)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        try:
            assert owner.stdout is not None
            engine = int(owner.stdout.readline())
            os.kill(engine, signal.SIGSTOP)  # a hung engine ends too
            processes = [engine, *children(owner.pid)]
        finally:
            owner.kill()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in processes))


def test_a_process_that_cannot_be_started_is_reported(monkeypatch: pytest.MonkeyPatch, tiny_checkpoint: Path) -> None:
    def fail(*_: object) -> None:
        raise BlockingIOError("no more processes")

    monkeypatch.setattr("engine.client.ForkServer", fail)
    with pytest.raises(BlockingIOError, match="no more processes"):
        EngineClient(settings(tiny_checkpoint))


def test_a_missing_checkpoint_is_reported_and_nothing_is_left() -> None:
    threads, processes = set(threading.enumerate()), set(children(os.getpid()))
    with pytest.raises(CheckpointError, match="/no/such/place"):
        EngineClient(settings(Path("/no/such/place")))
    assert set(children(os.getpid())) == processes
    assert set(threading.enumerate()) == threads


def test_a_text_that_cannot_be_spoken_is_the_callers_error(client: EngineClient) -> None:
    with pytest.raises(InvalidText, match="nothing that can be spoken"):
        list(client.submit(SpeechRequest("...")))
    assert client.statistics().open_requests == 0


def test_cancelling_frees_the_slots(client: EngineClient) -> None:
    speech = client.submit(SpeechRequest(LONG_TEXT))
    next(iter(speech))
    speech.cancel()
    with pytest.raises(Cancelled):
        list(speech)
    wait_until(lambda: client.statistics().active_slots == 0)
    assert Quantity.CANCEL in dict(client.observations.take())


def test_a_slow_reader_pauses_its_sentences(tiny_checkpoint: Path) -> None:
    with EngineClient(settings(tiny_checkpoint, buffered_seconds=1.0)) as client:
        speech = client.submit(SpeechRequest(" ".join([SENTENCE] * 8)))
        wait_until(lambda: speech.buffered_samples >= 32000)
        alone = listen(client.submit(SpeechRequest(SENTENCE)))
        assert speech.buffered_samples < 8 * 32000
        chunks = list(speech)
        assert chunks[-1].final
        assert sum(len(chunk.samples) for chunk in chunks) == 8 * len(alone)


def test_a_full_engine_refuses_more(tiny_checkpoint: Path) -> None:
    with EngineClient(settings(tiny_checkpoint, max_requests=2)) as client:
        speeches = [client.submit(SpeechRequest(LONG_TEXT)) for _ in range(2)]
        with pytest.raises(Overloaded, match="the limit of 2 open requests is reached"):
            client.submit(SpeechRequest(SENTENCE))
        for speech in speeches:
            speech.cancel()
        wait_until(lambda: client.statistics().open_requests == 0)
        assert client.statistics().rejected == 1


def test_a_killed_engine_is_replaced_and_requests_without_emitted_audio_wait_for_it(mortal: EngineClient) -> None:
    expected = listen(mortal.submit(SpeechRequest(SENTENCE)))
    heard = mortal.submit(SpeechRequest(LONG_TEXT))
    next(iter(heard))
    waiting = [mortal.submit(SpeechRequest(SENTENCE, whole=True)) for _ in range(5)]
    first = kill(mortal)
    with pytest.raises(EngineUnavailable, match=r"the engine died while it spoke this text; retry after \d+ s"):
        list(heard)
    for speech in waiting:
        assert np.abs(listen(speech).astype(np.int32) - expected).max() <= 1
    assert pid_of(mortal) != first
    assert mortal.statistics().restarts == 1
    assert mortal.statistics().counters.completed >= 6  # by both engines
    assert mortal.statistics().open_requests == 0


def test_an_engine_that_hangs_is_replaced(tiny_checkpoint: Path) -> None:
    with EngineClient(settings(tiny_checkpoint, engine_deadline=1.0)) as client:
        kill(client, signal.SIGSTOP)
        begun = time.monotonic()
        list(client.submit(SpeechRequest(SENTENCE)))
        assert time.monotonic() - begun >= 1.0
        assert client.statistics().restarts == 1


def test_it_serves_after_several_deaths(mortal: EngineClient) -> None:
    expected = listen(mortal.submit(SpeechRequest(SENTENCE)))
    for _ in range(3):
        kill(mortal)
        assert np.abs(listen(mortal.submit(SpeechRequest(SENTENCE))).astype(np.int32) - expected).max() <= 1
    assert mortal.statistics().restarts == 3


def test_the_engine_is_replaced_with_the_process_that_forks_it(mortal: EngineClient) -> None:
    expected = listen(mortal.submit(SpeechRequest(SENTENCE)))
    (server,) = [pid for pid in children(os.getpid()) if pid_of(mortal) in children(pid)]
    os.kill(server, signal.SIGKILL)
    wait_until(lambda: mortal.statistics().restarts == 1)
    assert np.abs(listen(mortal.submit(SpeechRequest(SENTENCE))).astype(np.int32) - expected).max() <= 1


def test_a_request_during_which_two_engines_die_is_quarantined(mortal: EngineClient) -> None:
    fatal = mortal.submit(SpeechRequest(LONG_TEXT, SamplingParameters(seed=1), whole=True))
    for restarts in (1, 2):
        wait_until(lambda: mortal.statistics().active_slots > 0)
        kill(mortal)
        wait_until(lambda restarts=restarts: mortal.statistics().restarts == restarts)  # type: ignore[misc]
    with pytest.raises(Quarantined, match="died twice while it spoke this text"):
        list(fatal)
    assert mortal.statistics().counters.quarantined == 1
    assert len(listen(mortal.submit(SpeechRequest(SENTENCE))))


@pytest.fixture
def weights(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    """The weights file of a checkpoint; without it, no engine starts."""
    for file in tiny_checkpoint.iterdir():
        (tmp_path / file.name).symlink_to(file)
    return tmp_path / "model.safetensors"


def test_requests_that_wait_for_a_new_engine_keep_their_deadline(weights: Path) -> None:
    with EngineClient(settings(weights.parent, first_audio_deadline=0.4, engine_deadline=60.0)) as client:
        pid = kill(client, signal.SIGSTOP)
        late = client.submit(SpeechRequest(SENTENCE))
        weights.unlink()
        os.kill(pid, signal.SIGKILL)
        # The text is prepared, but no engine has the request: the client itself checks the deadline.
        with pytest.raises(TimedOut, match="no audio was made within"):
            list(late)


def test_a_failing_restart_is_reported_and_repeated(weights: Path, tiny_checkpoint: Path) -> None:
    with EngineClient(settings(weights.parent)) as client:
        weights.unlink()
        kill(client)
        waiting = client.submit(SpeechRequest(SENTENCE))
        wait_until(lambda: is_refused(client))
        weights.symlink_to(tiny_checkpoint / weights.name)
        assert list(waiting)[-1].final
        assert list(client.submit(SpeechRequest(SENTENCE)))[-1].final


def is_refused(client: EngineClient) -> bool:
    try:
        client.submit(SpeechRequest(SENTENCE)).cancel()
    except EngineUnavailable as error:
        return "is starting again; retry after" in str(error)
    return False


def test_a_request_that_is_cancelled_before_its_text_is_prepared_counts(mortal: EngineClient) -> None:
    list(mortal.submit(SpeechRequest(SENTENCE)))
    workers = [pid for pid in children(os.getpid()) if name_of(pid) == "soprano-text"]
    mortal.observations.take()
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        speech = mortal.submit(SpeechRequest(SENTENCE))
        speech.cancel()
        with pytest.raises(Cancelled):
            list(speech)
        statistics = mortal.statistics()
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
    assert (statistics.counters.cancelled, statistics.open_requests) == (1, 0)
    ((quantity, seconds),) = mortal.observations.take()
    assert quantity is Quantity.CANCEL
    assert 0 <= seconds < 60


def test_a_text_worker_that_dies_is_replaced(client: EngineClient) -> None:
    list(client.submit(SpeechRequest(SENTENCE)))
    workers = [pid for pid in children(os.getpid()) if name_of(pid) == "soprano-text"]
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    speeches = [client.submit(SpeechRequest(SENTENCE)) for _ in range(4)]
    assert all(list(speech)[-1].final for speech in speeches)
