import torch

from voices.corpus.mel import BANDS, FRAMES_PER_TOKEN, SAMPLE_RATE, TOKEN, frame_times, log_mel, token_count


def test_the_states_of_a_clip_cover_it_and_less_than_a_token_more() -> None:
    for samples in (1, TOKEN - 1, TOKEN, TOKEN + 1, 10 * TOKEN):
        made = (token_count(samples) - 1) * TOKEN
        assert 0 <= made - samples < TOKEN


def test_a_row_describes_what_lies_around_the_place_of_its_state() -> None:
    samples = torch.zeros(8 * TOKEN)
    samples[3 * TOKEN] = 1.0
    rows = log_mel(samples)
    assert rows.shape == (9, FRAMES_PER_TOKEN * BANDS)
    loudness = rows.exp().sum(dim=1)
    assert loudness.argmax() == 3
    torch.testing.assert_close(loudness[2], loudness[4])
    frames = rows[3].view(FRAMES_PER_TOKEN, BANDS).exp().sum(dim=1)
    torch.testing.assert_close(frames, frames.flip(0))


def test_silence_is_the_floor() -> None:
    rows = log_mel(torch.zeros(2 * TOKEN))
    assert (rows == rows[0, 0]).all()


def test_a_frame_is_loudest_where_its_time_is() -> None:
    times = frame_times(9)
    samples = torch.zeros(8 * TOKEN)
    samples[round(times[13] * SAMPLE_RATE)] = 1.0
    loudness = log_mel(samples).view(-1, BANDS).exp().sum(dim=1)
    assert loudness.argmax() == 13
    torch.testing.assert_close(loudness[12], loudness[14])
