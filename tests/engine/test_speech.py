"""The caller's handle of a request."""

import pickle

import numpy as np
import pytest

from engine.errors import EngineFailed
from engine.speech import Chunk, Speech, pcm16


def chunk(*samples: float, final: bool = False) -> Chunk:
    return Chunk((np.array(samples, dtype=np.float32),), (), 0, 0, final)


def test_samples_out_of_range_are_clipped_never_wrapped() -> None:
    assert pcm16(chunk(-9.0, -1.0, 0.0, 0.5, 1.0, 9.0).samples).tolist() == [-32767, -32767, 0, 16384, 32767, 32767]


def test_the_pieces_of_a_chunk_arrive_joined() -> None:
    """Each piece is a view of all that a beat made."""
    beat = np.arange(12, dtype=np.int16).reshape(3, 4)
    sent = Chunk((beat[0, 1:], beat[2, :2]), (), 7, 2, final=True)
    assert sent.sample_count == 5
    received = pickle.loads(pickle.dumps(sent))  # noqa: S301 - our own
    assert [piece.tolist() for piece in received.pieces] == [[1, 2, 3, 8, 9]]
    assert received.samples is received.pieces[0]
    assert (received.prompt_tokens, received.audio_tokens, received.final) == (7, 2, True)


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
