"""The streaming decoder gives the same audio as upstream's decoder."""

import pytest
import torch
from soprano.vocos.decoder import SopranoDecoder
from soprano.vocos.models import VocosBackbone

from engine.errors import CheckpointError
from engine.model.decoder import UNKNOWN_LENGTH, StreamingDecoder
from engine.model.decoder_weights import DecoderWeights

HIDDEN = 24


def upstream_decoder(embed_kernel: int = 1, layers: int = 8) -> SopranoDecoder:
    """Return a small upstream decoder; with `embed_kernel` 3 it has the layout of Soprano-80M v1.0."""
    torch.manual_seed(0)
    decoder = SopranoDecoder(num_input_channels=HIDDEN, decoder_dim=16, decoder_num_layers=layers).eval()
    decoder.decoder = VocosBackbone(HIDDEN, 16, 48, layers, input_kernel_size=embed_kernel, dw_kernel_size=3).eval()
    for parameter in decoder.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return decoder


def streaming(decoder: SopranoDecoder, slots: int = 4) -> StreamingDecoder:
    weights = DecoderWeights.from_state_dict(decoder.state_dict(), dtype=torch.float32, device=torch.device("cpu"))
    return StreamingDecoder(weights, slots)


def whole(decoder: SopranoDecoder, states: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return decoder(states.T[None])[0]  # type: ignore[no-any-return]


def audible(decoder: StreamingDecoder, begin: int, count: int, length: int) -> tuple[int, int]:
    start, stop = decoder.audible(torch.tensor([begin]), count, torch.tensor([length]))
    return int(start), int(stop)


def streamed(decoder: StreamingDecoder, slot: int, states: torch.Tensor, size: int) -> torch.Tensor:
    """Decode `size` states at a time, with padding after the last one."""
    slots = torch.tensor([slot])
    pieces = []
    for begin in range(0, len(states) + decoder.flush_states, size):
        length = len(states) if begin + size >= len(states) else UNKNOWN_LENGTH
        fed = torch.full((1, size, HIDDEN), 9.9)  # padding may have any value
        known = states[begin : begin + size]
        fed[0, : len(known)] = known
        wave = decoder.step(slots, fed, torch.tensor([begin]), torch.tensor([length]))[0]
        start, stop = audible(decoder, begin, size, length)
        pieces.append(wave[start:stop])
    return torch.cat(pieces)


@pytest.mark.parametrize("embed_kernel", [1, 3])
@pytest.mark.parametrize("size", [1, 2, 4, 5, 16])
@pytest.mark.parametrize("length", [2, 3, 4, 5, 17, 40])
def test_streamed_equals_whole(length: int, size: int, embed_kernel: int) -> None:
    upstream = upstream_decoder(embed_kernel)
    states = torch.randn(length, HIDDEN, generator=torch.Generator().manual_seed(length))
    expected = whole(upstream, states)
    actual = streamed(streaming(upstream), 2, states, size)
    assert actual.shape == expected.shape == ((length - 1) * 2048,)
    assert (actual - expected).abs().max() <= 1e-5 * expected.abs().max()


def test_rows_of_different_lengths_do_not_touch_each_other() -> None:
    upstream = upstream_decoder()
    decoder = streaming(upstream)
    lengths = torch.tensor([5, 9, 13])
    states = torch.randn(3, 16, HIDDEN, generator=torch.Generator().manual_seed(0))
    waves = decoder.step(torch.tensor([3, 0, 1]), states, torch.zeros(3, dtype=torch.int64), lengths)
    for row, length in enumerate(lengths.tolist()):
        start, stop = audible(decoder, 0, 16, length)
        expected = whole(upstream, states[row, :length])
        assert (waves[row, start:stop] - expected).abs().max() <= 1e-5 * expected.abs().max()


def test_the_first_audio_comes_after_four_states() -> None:
    decoder = streaming(upstream_decoder())
    assert decoder.first_states == 4
    start, stop = audible(decoder, 0, 3, UNKNOWN_LENGTH)
    assert start == stop
    start, stop = audible(decoder, 0, 4, UNKNOWN_LENGTH)
    assert stop - start == 1536


def test_a_slot_keeps_nothing_of_its_previous_sentence() -> None:
    upstream = upstream_decoder()
    decoder = streaming(upstream)
    states = torch.randn(6, HIDDEN, generator=torch.Generator().manual_seed(0))
    first = streamed(decoder, 1, states, 4)
    # Stop in the middle of a sentence, like a cancellation; a finished sentence would leave zeros.
    decoder.step(torch.tensor([1]), -states[None], torch.tensor([0]), torch.tensor([UNKNOWN_LENGTH]))
    assert torch.equal(streamed(decoder, 1, states, 4), first)


def test_kernels_that_reach_too_far_are_refused() -> None:
    state = upstream_decoder().state_dict()
    state["decoder.embed.weight"] = torch.zeros(16, HIDDEN, 5)
    with pytest.raises(CheckpointError, match="reach further than one frame"):
        DecoderWeights.from_state_dict(state, dtype=torch.float32, device=torch.device("cpu"))


def test_a_missing_tensor_is_named() -> None:
    state = upstream_decoder().state_dict()
    del state["decoder.convnext.3.pwconv1.bias"]
    with pytest.raises(CheckpointError, match=r"decoder\.convnext\.3\.pwconv1\.bias"):
        DecoderWeights.from_state_dict(state, dtype=torch.float32, device=torch.device("cpu"))
