"""Every sentence that ends early or is skipped is flagged."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.engine import Engine
from engine.errors import NoAudio
from engine.model import sentence_table
from engine.request import SamplingParameters, SpeechRequest
from engine.scheduling.sequence import Sequence
from engine.settings import EngineSettings
from engine.speech import Chunk, Flag, SentenceFlag
from tests.engine.conftest import speak
from tests.waiting import wait_until

FIRST = "This is the first of three sentences that are spoken."
SECOND = "This is the second of them, which goes wrong now and then."
THIRD = "And this is the last of the three, and the text ends here."
TEXT = f"{FIRST} {SECOND} {THIRD}"
NO_RETRIES = SamplingParameters(retries=0)


@pytest.fixture
def engine(tiny_checkpoint: Path) -> Iterator[Engine]:
    settings = EngineSettings(checkpoint=str(tiny_checkpoint), dtype="float32", threads=1, slots=4, max_wait=600)
    with Engine(settings) as engine:
        yield engine


def limit(monkeypatch: pytest.MonkeyPatch, tokens: int, *indices: int) -> None:
    """Stop the sentences at `indices` of each text after `tokens` tokens."""
    begin = Sequence.__init__

    def limited(sequence: Sequence, *arguments: object) -> None:
        begin(sequence, *arguments)  # type: ignore[arg-type]
        if sequence.index in indices:
            sequence.token_limit = tokens

    monkeypatch.setattr(Sequence, "__init__", limited)


def flags(chunks: list[Chunk]) -> list[SentenceFlag]:
    return [flag for chunk in chunks for flag in chunk.flags]


@pytest.mark.parametrize("whole", [False, True])
def test_a_sentence_at_its_limit_is_truncated_and_flagged(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    alone = [len(speak(engine, text)) for text in (FIRST, THIRD)]
    limit(monkeypatch, 12, 1)
    chunks = list(engine.submit(SpeechRequest(TEXT, NO_RETRIES, whole=whole)))
    assert flags(chunks) == [SentenceFlag(1, Flag.TRUNCATED)]
    assert sum(len(chunk.samples) for chunk in chunks) == sum(alone) + 11 * 2048
    assert engine.statistics().counters.truncated == 1


def test_a_sentence_that_hallucinates_after_emitting_audio_is_flagged(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentence_table, "run_of_similar", lambda run, _: run + 1)
    monkeypatch.setattr(sentence_table, "LONGEST_RUN", 29)
    chunks = list(engine.submit(SpeechRequest(FIRST)))
    assert flags(chunks) == [SentenceFlag(0, Flag.TRUNCATED)]
    assert sum(len(chunk.samples) for chunk in chunks) == 29 * 2048


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("silent", [0, 1, 2])
def test_a_sentence_without_sound_is_skipped_and_flagged(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, whole: bool, silent: int
) -> None:
    alone = [len(speak(engine, text)) for text in (FIRST, SECOND, THIRD)]
    limit(monkeypatch, 1, silent)
    chunks = list(engine.submit(SpeechRequest(TEXT, NO_RETRIES, whole=whole)))
    assert flags(chunks) == [SentenceFlag(silent, Flag.SILENT)]
    assert [start.index for chunk in chunks for start in chunk.sentences] == [i for i in range(3) if i != silent]
    assert sum(len(chunk.samples) for chunk in chunks) == sum(alone) - alone[silent]
    assert chunks[-1].final
    wait_until(lambda: engine.statistics().active_slots == 0)


@pytest.mark.parametrize("whole", [False, True])
def test_a_text_without_any_sound_is_refused(engine: Engine, monkeypatch: pytest.MonkeyPatch, whole: bool) -> None:
    limit(monkeypatch, 1, 0, 1, 2)
    with pytest.raises(NoAudio, match="the model made no sound for this text"):
        list(engine.submit(SpeechRequest(TEXT, NO_RETRIES, whole=whole)))
    assert engine.statistics().open_requests == 0
    monkeypatch.undo()
    assert len(speak(engine, FIRST))
