"""A text that is still being written, through the proxy and a real tritonserver."""

import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

from launch.process import ports
from launch.proxy_server import ProxyServer, ProxySettings
from launch.triton.server import TritonServer
from tests.conftest import server_with
from tests.proxy.live.client import SpeechClient, speech_client

TEXT = (
    "Dr. Who paid $5 for 3.5 miles of that old road. And nobody ever knew why he wanted it so badly! He said so "
    'himself: "Why should I want a road?" he asked. [pause:0.3s] Nothing else was heard of it.\n\n'
    "For years the matter rested there, as such matters do. Then, on May 5, a letter came from London."
)
PARAMETERS = {"temperature": 0.7, "seed": 5, "response_format": "pcm"}


def proxy_of(triton: TritonServer) -> ProxyServer:
    return ProxyServer(ProxySettings(triton_url=triton.grpc_url, port=ports.find_free("127.0.0.1", 1)[0]))


@pytest.fixture(scope="module")
def url(triton: TritonServer) -> Iterator[str]:
    proxy = proxy_of(triton)
    proxy.start(threading.Event())
    yield proxy.url
    proxy.stop(timeout=10)


def whole(url: str, text: str) -> NDArray[np.int16]:
    """The audio of one request."""
    response = httpx.post(f"{url}/v1/audio/speech", json={"input": text, **PARAMETERS}, timeout=100)
    response.raise_for_status()
    return np.frombuffer(response.content, np.int16)


def write(client: SpeechClient, text: str, seconds: float = 0.01) -> None:
    """Write a text word by word."""
    client.send("request.start", timestamps=True, **PARAMETERS)
    words = text.split(" ")
    for word in words[:-1]:
        client.write("append", f"{word} ")
        time.sleep(seconds)
    client.say(words[-1])


def heard(client: SpeechClient) -> NDArray[np.int16]:
    assert client.hear()["type"] == "response.done", client.events[-1]
    return np.frombuffer(client.audio, np.int16)


def assert_same(one: NDArray[np.int16], other: NDArray[np.int16]) -> None:
    assert len(one) == len(other)
    assert np.abs(one.astype(int) - other).max() <= 2


def test_a_text_word_by_word_sounds_as_in_one_request(url: str) -> None:
    with speech_client(url) as client:
        write(client, TEXT)
        assert_same(heard(client), whole(url, TEXT))
    sentences = client.sentences
    words = " ".join(each["text"] for each in sentences).split()
    assert words == TEXT.replace("[pause:0.3s]", "").split()
    seconds = len(client.audio) / 2 / 24000
    assert sentences[0]["start"] == 0.0
    assert sentences[-1]["end"] == pytest.approx(seconds, abs=0.001)
    gaps = [after["start"] - before["end"] for before, after in itertools.pairwise(sentences)]
    assert [round(gap, 4) for gap in gaps if gap > 0.001] == [0.3]


def test_all_at_once_sounds_the_same(url: str) -> None:
    with speech_client(url) as client:
        client.send("request.start", **PARAMETERS)
        client.say(TEXT)
        assert_same(heard(client), whole(url, TEXT))


def test_sessions_at_once_do_not_mix(url: str) -> None:
    texts = [TEXT.replace("Dr. Who", name) for name in ("Jane Austen", "Oliver Twist", "Sherlock Holmes")]
    expected = [whole(url, text) for text in texts]
    results: dict[int, NDArray[np.int16]] = {}

    def speak(number: int) -> None:
        with speech_client(url) as client:
            write(client, texts[number])
            results[number] = heard(client)

    threads = [threading.Thread(target=speak, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
    for number in range(3):
        assert_same(results[number], expected[number])


def test_a_writer_who_stalls_in_mid_sentence_is_waited_for(url: str) -> None:
    """What is complete is spoken meanwhile, and the sentence is not torn."""
    with speech_client(url) as client:
        client.send("request.start", timestamps=True, **PARAMETERS)
        client.write("append", "The first sentence is complete, as everybody can see. The second one is ")
        client.wait_for_audio()
        time.sleep(5)
        client.say("not. And nothing follows upon the third of these sentences.")
        heard(client)
    assert [each["spoken"] for each in client.sentences] == [
        "the first sentence is complete, as everybody can see.",
        "the second one is not. and nothing follows upon the third of these sentences.",
    ]


def test_a_writer_of_single_characters_is_heard(url: str) -> None:
    with speech_client(url) as client:
        client.send("request.start", **PARAMETERS)
        for character in TEXT:
            client.write("append", character)
        client.write("end")
        assert_same(heard(client), whole(url, TEXT))


def test_a_triton_that_is_replaced_in_the_middle_is_not_heard(tiny_checkpoint: Path, tmp_path: Path) -> None:
    """The sentence that is lost begins again, and what was heard of it is left out."""
    triton = server_with(tiny_checkpoint, tmp_path / "triton.log")
    triton.start(threading.Event())
    proxy = proxy_of(triton)
    try:
        proxy.start(threading.Event())
        expected = whole(proxy.url, TEXT)
        with speech_client(proxy.url) as client:
            client.send("request.start", **PARAMETERS)
            client.write("append", TEXT[: TEXT.index("And nobody")])
            client.write("append", "And nobody ever knew why he ")
            client.wait_for_audio(4096)
            triton.stop()
            client.write("append", TEXT[TEXT.index("wanted") :])
            client.write("end")
            triton.start(threading.Event())
            assert_same(heard(client), expected)
    finally:
        proxy.stop(timeout=5)
        triton.stop()
