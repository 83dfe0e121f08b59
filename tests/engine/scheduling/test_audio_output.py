"""When decoded audio is emitted. No tensors, and a clock that stands still."""

from dataclasses import dataclass

import numpy as np
import pytest

from engine.observations import Observations
from engine.request import SpeechRequest
from engine.scheduling.audio_output import AudioOutput
from engine.scheduling.deadline import NEVER, FirstAudioDeadline
from engine.scheduling.requests import Requests
from engine.scheduling.scheduler import Scheduler
from engine.scheduling.sequence import Sequence, Stage
from engine.scheduling.utterance import Utterance
from engine.speech import SAMPLE_RATE, Speech
from text.sentences import Sentence

STEP = 0.01


@dataclass
class Setting:
    """One request that is being spoken."""

    utterance: Utterance
    output: AudioOutput
    requests: Requests
    now: float = 0.0

    def decode(self, seconds: float, *, sentence: int = 0, ends: bool = False) -> None:
        sequence = self.utterance.sequences[sentence]
        self.utterance.add_audio(sequence, np.zeros(round(seconds * SAMPLE_RATE), dtype=np.int16))
        if ends:
            sequence.stage = Stage.FINISHED
        self.output.emit(self.utterance, STEP)

    def heard(self) -> list[float]:
        """The seconds of the chunks that have come since the last call."""
        assert isinstance(self.utterance.speech, Speech)
        seconds = []
        while (chunk := self.utterance.speech.take()) is not None:
            seconds.append(len(chunk.samples) / SAMPLE_RATE)
        return seconds


def setting(sentences: int = 1, *, whole: bool = False, encoder_delay: float = 0.0) -> Setting:
    request = SpeechRequest("text", whole=whole, encoder_delay=encoder_delay)
    sequences = [Sequence(request, index, Sentence("text", 0, 4), [0] * 10) for index in range(sentences)]
    utterance = Utterance(request, sequences, Speech(lambda _: None), buffered_seconds=30.0)
    requests = Requests(Scheduler(4, 512), Observations(), lambda: None, FirstAudioDeadline(NEVER))
    requests.add(utterance)
    for sequence in sequences:
        sequence.stage = Stage.GENERATING
    made = Setting(utterance, AudioOutput(requests, Observations(), 0.3, lambda: made.now), requests)
    return made


@pytest.mark.parametrize("delay", [0.0, 0.1])
def test_the_first_audio_lasts_for_some_steps_beyond_the_encoder(delay: float) -> None:
    stream = setting(encoder_delay=delay)
    stream.decode(delay + 0.03)
    assert stream.heard() == []
    stream.decode(0.02)
    assert stream.heard() == pytest.approx([delay + 0.05])


def test_audio_waits_until_half_of_the_buffer_is_played() -> None:
    stream = setting()
    stream.decode(0.2)
    stream.heard()
    stream.now = 0.09
    stream.decode(0.1)
    assert stream.heard() == []
    assert stream.output.next_due == pytest.approx(0.1)
    stream.now = 0.1
    stream.output.emit_waiting(STEP)
    assert stream.heard() == pytest.approx([0.1])
    assert stream.output.next_due == NEVER


def test_it_does_not_wait_for_long() -> None:
    stream = setting()
    stream.decode(10.0)
    stream.heard()
    stream.now = 0.3
    stream.decode(0.1)
    assert stream.heard() == pytest.approx([0.1])


def test_the_end_of_a_sentence_does_not_wait() -> None:
    """The next one becomes the head, which goes before all others."""
    stream = setting(sentences=2)
    stream.decode(1.0)
    stream.heard()
    stream.decode(0.1, ends=True)
    assert stream.heard() == pytest.approx([0.1])
    assert stream.utterance.head is stream.utterance.sequences[1]


def test_a_whole_clip_is_emitted_at_its_end() -> None:
    clip = setting(sentences=2, whole=True)
    clip.decode(1.0, ends=True)
    assert clip.heard() == []
    clip.decode(1.0, sentence=1, ends=True)
    assert clip.heard() == pytest.approx([2.0])
    assert clip.utterance.closed
    assert clip.requests.counters.completed == 1


def test_what_waits_of_a_request_that_has_ended_is_forgotten() -> None:
    stream = setting()
    stream.decode(1.0)
    stream.decode(0.1)
    stream.requests.close(stream.utterance)
    stream.output.emit_waiting(STEP)
    assert stream.output.next_due == NEVER
