"""The caller's handle of a request."""

import numpy as np
import pytest

from engine.errors import EngineFailed
from engine.speech import Chunk, Speech, pcm16


def chunk(*samples: float, final: bool = False) -> Chunk:
    return Chunk(np.array(samples, dtype=np.float32), (), 0, 0, final)


def test_samples_out_of_range_are_clipped_never_wrapped() -> None:
    assert pcm16(chunk(-9.0, -1.0, 0.0, 0.5, 1.0, 9.0).samples).tolist() == [-32767, -32767, 0, 16384, 32767, 32767]


def test_audio_before_an_error_is_still_delivered() -> None:
    speech = Speech(wake_engine=lambda _: None)
    speech.put(chunk(0.1))
    speech.fail(EngineFailed("broken"))
    received: list[int] = []
    with pytest.raises(EngineFailed, match="broken"):
        received.extend(len(piece.samples) for piece in speech)
    assert received == [1]
    assert speech.buffered_samples == 0


def test_iteration_ends_after_the_final_chunk() -> None:
    speech = Speech(wake_engine=lambda _: None)
    speech.put(chunk(0.1, 0.2))
    assert speech.buffered_samples == 2
    speech.put(chunk(0.3, final=True))
    assert [len(piece.samples) for piece in speech] == [2, 1]
    assert speech.ended
