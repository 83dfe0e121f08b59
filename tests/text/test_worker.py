"""What a text worker makes of a job, in its own process and in this one."""

import queue
from collections.abc import Iterator
from pathlib import Path

import pytest

from text.options import ReadingOptions
from text.preparation import PreparedSentence
from text.tokenizer import Tokenizer
from text.worker import PreparationResult, TextJob, work
from text.worker_pool import TextWorkers

TEXT = "The quick brown fox jumps over the lazy dog, and so on."
SERVERS = (("fox", "wolf"), ("dog", "cat"))


def job(checkpoint: Path, options: ReadingOptions) -> TextJob:
    return TextJob(TEXT, checkpoint / "tokenizer.json", 8192, 1000, options)


def test_the_requests_lexicon_goes_before_the_servers(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[ReadingOptions] = []

    def noting(_: str, __: Tokenizer, ___: int, options: ReadingOptions) -> list[PreparedSentence]:
        asked.append(options)
        return []

    monkeypatch.setattr("text.worker.prepare", noting)
    work(job(tiny_checkpoint, ReadingOptions(lexicon=(("fox", "hound"),))), SERVERS)
    work(job(tiny_checkpoint, ReadingOptions(plain=True)), SERVERS)
    assert asked == [ReadingOptions(False, (("fox", "hound"), *SERVERS)), ReadingOptions(True, SERVERS)]


@pytest.fixture
def workers() -> Iterator[TextWorkers]:
    workers = TextWorkers(max_queued=8, count=1, lexicon=SERVERS)
    yield workers
    workers.close()


def prepared(workers: TextWorkers, job: TextJob) -> list[str]:
    results: queue.SimpleQueue[PreparationResult] = queue.SimpleQueue()
    workers.submit(job, lambda: False, results.put)
    result = results.get(timeout=60)
    assert isinstance(result, list)
    return [each.sentence.text for each in result]


def test_a_worker_knows_the_servers_lexicon_and_the_requests(workers: TextWorkers, tiny_checkpoint: Path) -> None:
    spoken = prepared(workers, job(tiny_checkpoint, ReadingOptions(lexicon=(("fox", "hound"),))))
    assert spoken == ["the quick brown hound jumps over the lazy cat, and so on."]
    assert prepared(workers, job(tiny_checkpoint, ReadingOptions(plain=True))) == [TEXT.lower()]


def test_a_plain_text_needs_no_lexicon(workers: TextWorkers, tiny_checkpoint: Path) -> None:
    assert prepared(workers, job(tiny_checkpoint, ReadingOptions(plain=True))) == [TEXT.lower()]
