"""The streaming model on a real tritonserver."""

import json
from typing import Any

import numpy as np
import pytest
import tritonclient.grpc as grpc_client
from tritonclient.utils import InferenceServerException

from launch.triton.server import TritonServer
from tests.model_repository.clients import Stream, metric, whole_clip
from tests.waiting import wait_until

SENTENCE = "The quick brown fox jumps over the lazy dog, and so on."
LONG_TEXT = " ".join(f"This is sentence number {index} of a very long text." for index in range(80))


def test_chunks_stream_and_the_last_carries_final(triton: TritonServer) -> None:
    with Stream(triton, SENTENCE) as stream:
        responses = list(stream)
    assert len(responses) > 2
    assert [response.final for response in responses] == [False] * (len(responses) - 1) + [True]
    assert {response.sample_rate for response in responses} == {32000}
    assert (len(responses[0].audio) - 1536) % 2048 == 0  # more states on a busy machine
    assert all(len(response.audio) for response in responses)
    samples = sum(len(response.audio) for response in responses)
    assert samples == (responses[-1].usage[1] - 1) * 2048


def test_streamed_equals_whole(triton: TritonServer) -> None:
    with Stream(triton, SENTENCE) as stream:
        streamed = stream.samples()
    whole = whole_clip(triton, SENTENCE)
    assert streamed.shape == whole.shape
    assert np.abs(streamed.astype(int) - whole).max() <= 1  # a rounding of 16 bits
    assert np.abs(whole.astype(int)).max() > 300


def test_whole_is_one_final_response(triton: TritonServer) -> None:
    with Stream(triton, f"{SENTENCE} {SENTENCE}", whole=True) as stream:
        (response,) = stream
    assert response.final


def test_sentences_carry_their_span_in_the_callers_text(triton: TritonServer) -> None:
    first, second = "He paid twelve pounds for that old bicycle.", "Nobody knows why he wanted it so badly."
    text = f"{first}  {second}"
    with Stream(triton, text) as stream:
        starts = [start for response in stream for start in json.loads(response.sentences)]
    assert [text[start["start"] : start["end"]] for start in starts] == [first, second]
    assert [start["index"] for start in starts] == [0, 1]
    assert starts[0]["sample"] == 0
    assert starts[1]["sample"] > 32000
    assert [start["spoken"] for start in starts] == [first.lower(), second.lower()]


@pytest.mark.parametrize("parameters", [{"plain": True}, {"plain": False}, {"lexicon": b"{}"}])
def test_a_text_may_be_read_in_other_ways(triton: TritonServer, parameters: dict[str, Any]) -> None:
    usual = whole_clip(triton, SENTENCE)
    with Stream(triton, SENTENCE, **parameters) as stream:
        assert np.abs(stream.samples().astype(int) - usual).max() <= 1
    assert np.abs(whole_clip(triton, SENTENCE, **parameters).astype(int) - usual).max() <= 1


def test_sentences_that_are_in_words_sound_as_in_the_whole_text(triton: TritonServer) -> None:
    text = f"Dr. Who paid $5 for 3.5 miles of that old road. {SENTENCE} And nobody ever knew why he wanted it so badly."
    with Stream(triton, text, temperature=0.7, seed=3) as stream:
        responses = list(stream)
    spoken = [mark["spoken"] for response in responses for mark in json.loads(response.sentences)]
    assert len(spoken) == 3
    alone = [whole_clip(triton, sentence, spoken=True, temperature=0.7, seed=3) for sentence in spoken]
    together = np.concatenate([response.audio for response in responses])
    assert np.abs(np.concatenate(alone).astype(int) - together).max() <= 1
    with Stream(triton, "\n".join(spoken), spoken=True, temperature=0.7, seed=3) as stream:
        responses = list(stream)
    assert np.abs(np.concatenate([response.audio for response in responses]).astype(int) - together).max() <= 1
    marks = [mark for response in responses for mark in json.loads(response.sentences)]
    assert [mark["spoken"] for mark in marks] == spoken


def test_a_lexicon_replaces_words(triton: TritonServer) -> None:
    with Stream(triton, SENTENCE, lexicon=b'{"fox": "wolf"}') as stream:
        responses = list(stream)
    (start,) = json.loads(responses[0].sentences)
    assert start["spoken"] == "the quick brown wolf jumps over the lazy dog, and so on."
    assert (start["start"], start["end"]) == (0, len(SENTENCE))


def test_pauses_are_silence(triton: TritonServer) -> None:
    with Stream(triton, f"{SENTENCE} [pause:2.5s] {SENTENCE} [pause:1s]") as stream:
        responses = list(stream)
    marks = [mark for response in responses for mark in json.loads(response.sentences)]
    starts = [mark for mark in marks if "sample" in mark]
    ends = [mark for mark in marks if "end_sample" in mark]
    samples = np.concatenate([response.audio for response in responses])
    assert [mark["index"] for mark in ends] == [0, 1]
    assert starts[1]["sample"] - ends[0]["end_sample"] == 80000
    assert len(samples) - ends[1]["end_sample"] == 32000
    assert not samples[ends[0]["end_sample"] : starts[1]["sample"]].any()
    assert 0 < max(len(response.audio) for response in responses if not response.audio.any()) <= 32000


@pytest.mark.parametrize(
    ("text", "parameters", "message"),
    [
        ("...", {}, "^.*invalid_text: "),
        ("", {}, "^.*invalid_text: "),
        (b"\xff\xfe", {}, "^.*invalid_text: the text is not UTF-8"),
        ("x" * 20_000, {}, "^.*invalid_text: "),
        (SENTENCE, {"temperature": -1.0}, "^.*invalid_parameter: temperature must be between"),
        (SENTENCE, {"top_p": float("nan")}, "^.*invalid_parameter: top_p must be between"),
        (SENTENCE, {"retries": 99}, "^.*invalid_parameter: retries must be between"),
        (SENTENCE, {"lexicon": b"nginx"}, "^.*invalid_parameter: lexicon is not JSON"),
        (SENTENCE, {"lexicon": b"\xff"}, "^.*invalid_parameter: lexicon is not JSON"),
        (SENTENCE, {"lexicon": b"[" * 100_000}, "^.*invalid_parameter: lexicon is not JSON"),
        (SENTENCE, {"lexicon": b"[]"}, "^.*invalid_parameter: lexicon must be a JSON object"),
        (SENTENCE, {"lexicon": b'{"a": 5}'}, "^.*invalid_parameter: lexicon: the respelling of 'a' must be a string"),
        (SENTENCE, {"lexicon": b'{"!": "x"}'}, "^.*invalid_parameter: lexicon: the word '!' has no letter"),
    ],
)
def test_a_bad_request_is_told_why(triton: TritonServer, text: str, parameters: dict[str, Any], message: str) -> None:
    with Stream(triton, text, **parameters) as stream, pytest.raises(InferenceServerException, match=message):
        list(stream)


def test_a_batch_in_one_request_is_refused(triton: TritonServer) -> None:
    tensor = grpc_client.InferInput("text", [2, 1], "BYTES")
    tensor.set_data_from_numpy(np.array([[b"One."], [b"Two."]], dtype=np.object_))
    stream = Stream(triton, "Hello.")
    assert len(stream.samples())
    stream._client.async_stream_infer("soprano_stream", [tensor])
    with pytest.raises(InferenceServerException, match="invalid_parameter: text must be one value"):
        list(stream.results())
    stream.close()


def test_bad_texts_do_not_affect_others_in_their_batch(triton: TritonServer) -> None:
    alone = whole_clip(triton, SENTENCE)
    texts: list[str | bytes] = [SENTENCE, "...", SENTENCE, b"\xff", SENTENCE, "9" * 5000, SENTENCE]
    streams = [Stream(triton, text) for text in texts]
    for text, stream in zip(texts, streams, strict=True):
        if text == SENTENCE:
            assert np.abs(stream.samples().astype(int) - alone).max() <= 1
        elif text in ("...", b"\xff"):
            with pytest.raises(InferenceServerException, match="invalid_text"):
                list(stream)
        stream.close(cancel=True)


@pytest.mark.parametrize("outputs", [["audio"], ["usage", "audio"], ["sentences"], ["checkpoint"]])
def test_a_client_may_request_some_of_the_outputs(triton: TritonServer, outputs: list[str]) -> None:
    with Stream(triton, SENTENCE, outputs=outputs) as stream:
        for result in stream.results():
            assert {output.name for output in result.get_response().outputs} == set(outputs)


def test_parameters_reach_the_engine(triton: TritonServer) -> None:
    def spoken(**parameters: Any) -> list[int]:
        with Stream(triton, SENTENCE, **parameters) as stream:
            return stream.samples().tolist()  # type: ignore[no-any-return]

    # Equal up to one step of 16 bits: the sizes of decoder inputs depend on the time.
    first = spoken(temperature=0.9, seed=1)
    assert spoken(temperature=0.9, seed=1) == pytest.approx(first, abs=1)
    assert spoken(temperature=0.9, seed=2) != pytest.approx(first, abs=1)


def test_a_short_request_overtakes_a_long_one(triton: TritonServer) -> None:
    with Stream(triton, LONG_TEXT) as long:
        responses = iter(long)
        next(responses)
        with Stream(triton, "A short one.") as short:
            assert len(short.samples())
        assert metric(triton, "soprano_open_requests") >= 1  # the long one continues
        long.close(cancel=True)


def test_a_closed_connection_frees_its_slots(triton: TritonServer) -> None:
    stream = Stream(triton, LONG_TEXT)
    next(iter(stream))
    wait_until(lambda: metric(triton, "soprano_active_slots") > 0)
    cancelled = metric(triton, "soprano_cancelled_total")
    stream.close(cancel=True)
    wait_until(lambda: metric(triton, "soprano_active_slots") == 0)
    wait_until(lambda: metric(triton, "soprano_cancelled_total") == cancelled + 1)


def test_a_cancellation_is_measured_until_its_slots_are_free(triton: TritonServer) -> None:
    wait_until(lambda: metric(triton, "soprano_open_requests") == 0)
    count, seconds = (metric(triton, f"soprano_cancel_seconds_{name}") for name in ("count", "sum"))
    stream = Stream(triton, LONG_TEXT)
    wait_until(lambda: metric(triton, "soprano_open_requests") == 1)
    stream.close(cancel=True)
    wait_until(lambda: metric(triton, "soprano_cancel_seconds_count") == count + 1)
    assert metric(triton, "soprano_active_slots") == 0
    # Measured from the last check at which the client was connected; checks are a twentieth of a second apart.
    assert 0.05 <= metric(triton, "soprano_cancel_seconds_sum") - seconds < 1
    assert metric(triton, "soprano_cancel_seconds_count") == metric(triton, "soprano_cancelled_total")


def test_requests_are_measured(triton: TritonServer) -> None:
    names = [f"soprano_{name}_count" for name in ("queue_seconds", "first_audio_seconds", "real_time_factor")]

    def counts() -> list[float]:
        return [metric(triton, name) for name in names]

    wait_until(lambda: metric(triton, "soprano_open_requests") == 0)
    queued, emitted, spoken = counts()
    whole_clip(triton, SENTENCE)
    wait_until(lambda: counts() == [queued + 1, emitted, spoken + 1])
    with Stream(triton, SENTENCE) as stream:
        stream.samples()
    wait_until(lambda: counts() == [queued + 2, emitted + 1, spoken + 2])
    assert metric(triton, 'soprano_first_audio_seconds_bucket{le="+Inf"}') == emitted + 1
