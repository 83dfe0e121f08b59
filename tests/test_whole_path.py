"""The whole path: the official OpenAI client, the proxy, a real tritonserver, and other libraries as decoders."""

import io
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import imageio_ffmpeg
import numpy as np
import openai
import pytest
import soundfile
from openai import OpenAI

from launch.process import ports
from launch.proxy_server import ProxyServer, ProxySettings
from launch.triton.server import TritonServer
from tests.model_repository.clients import metric, whole_clip
from tests.waiting import wait_until

TEXT = "Hello there, dear listener. This is the second sentence, and it is a little longer than the first."

RATES = {"mp3": 32000, "opus": 48000, "aac": 32000, "flac": 32000, "wav": 32000}
# Seconds that a codec adds at the ends.
PADDING = {"mp3": 0.12, "opus": 0.03, "aac": 0.12, "flac": 0.0, "wav": 0.0}


@contextmanager
def proxied(triton: TritonServer, transport: str) -> Iterator[OpenAI]:
    """An OpenAI client of a proxy process."""
    url = triton.grpc_url if transport == "grpc" else triton.http_address
    proxy = ProxyServer(ProxySettings(triton_url=url, transport=transport, port=ports.find_free("127.0.0.1", 1)[0]))
    proxy.start(threading.Event())
    try:
        with OpenAI(base_url=f"{proxy.url}/v1", api_key="none", max_retries=0) as client:
            yield client
    finally:
        proxy.stop(timeout=10)


@pytest.fixture(scope="module", params=["grpc", "http"])
def client(request: pytest.FixtureRequest, triton: TritonServer) -> Iterator[OpenAI]:
    """A client, over either transport between proxy and Triton."""
    with proxied(triton, request.param) as client:
        yield client


@pytest.fixture(scope="module")
def pydub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """pydub with the ffmpeg from a wheel."""
    folder = tmp_path_factory.mktemp("ffmpeg")
    (folder / "ffmpeg").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
    path = os.environ["PATH"]
    os.environ["PATH"] = f"{folder}:{path}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports a module that Python 3.13 drops
        import pydub

        yield pydub
    os.environ["PATH"] = path


@pytest.fixture(scope="module")
def seconds(triton: TritonServer) -> float:
    """The length of the clip as the model made it."""
    return len(whole_clip(triton, TEXT)) / 32000


def speak(client: OpenAI, text: str = TEXT, **options: Any) -> bytes:
    return client.audio.speech.create(model="tts-1", voice="alloy", input=text, **options).content


FormatName = Literal["mp3", "opus", "aac", "flac", "wav"]


@pytest.mark.parametrize("name", list(RATES))
def test_pydub_reads_every_format(client: OpenAI, pydub: Any, tmp_path: Path, name: FormatName, seconds: float) -> None:
    file = tmp_path / f"speech.{name}"
    with client.audio.speech.with_streaming_response.create(
        model="soprano", voice="soprano", input=TEXT, response_format=name
    ) as response:
        response.stream_to_file(file)
    container = {"opus": "ogg"}.get(name, name)
    clip = pydub.AudioSegment.from_file_using_temporary_files(str(file), format=container)
    assert (clip.frame_rate, clip.channels) == (RATES[name], 1)
    assert seconds - 0.01 <= clip.duration_seconds <= seconds + PADDING[name] + 0.01
    assert -40 < clip.dBFS < -10


@pytest.mark.parametrize("name", ["mp3", "opus", "wav", "flac"])
def test_soundfile_reads_what_is_whole(client: OpenAI, name: str, seconds: float) -> None:
    body = speak(client, response_format=name, extra_body={"stream": False})
    samples, rate = soundfile.read(io.BytesIO(body), always_2d=True)
    assert (rate, samples.shape[1]) == (RATES[name], 1)
    assert seconds - 0.01 <= len(samples) / rate <= seconds + PADDING[name] + 0.01


def test_pcm_is_what_every_client_assumes(client: OpenAI, seconds: float) -> None:
    body = speak(client, response_format="pcm")
    assert len(body) % 2 == 0
    assert abs(len(body) / 2 / 24000 - seconds) < 0.001


def test_the_samples_are_the_models(client: OpenAI, triton: TritonServer) -> None:
    samples, _ = soundfile.read(io.BytesIO(speak(client, response_format="wav")), dtype="int16")
    assert np.abs(samples.astype(int) - whole_clip(triton, TEXT)).max() <= 1


def test_errors_are_the_clients_own_classes(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        speak(client, "...")
    assert (raised.value.code, raised.value.param) == ("invalid_value", "input")
    with pytest.raises(openai.NotFoundError):
        client.audio.speech.create(model="whisper-1", voice="alloy", input=TEXT)


def test_a_listener_who_leaves_frees_the_slots(triton: TritonServer) -> None:
    long_text = " ".join(["This is one of very many sentences that nobody is going to hear."] * 50)
    with (
        proxied(triton, "grpc") as client,
        client.audio.speech.with_streaming_response.create(
            model="tts-1", voice="alloy", input=long_text, response_format="pcm"
        ) as response,
    ):
        parts = response.iter_bytes(1000)  # kept: the connection is closed when it is collected
        next(parts)
        # Metrics are exported twenty times per second, so they may be older than the first audio.
        wait_until(lambda: metric(triton, "soprano_open_requests") > 0, timeout=5)
        response.close()
        wait_until(lambda: metric(triton, "soprano_active_slots") == 0, timeout=5)
