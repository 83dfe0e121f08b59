"""ElevenLabs' own SDK: over HTTP, and over a WebSocket, for which it demands TLS."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from elevenlabs.client import ElevenLabs
from elevenlabs.core.api_error import ApiError

from tests.clients.recogniser import CLEAR, understood
from tests.clients.serving import KEY, Server
from tests.clients.texts import CLIENTS_RATE, SENTENCES
from tests.clients.tls_tunnel import TlsTunnel

VOICE = "21m00Tcm4TlvDq8ikWAM"
PCM = f"pcm_{CLIENTS_RATE}"
TEXT = " ".join(SENTENCES)


@pytest.fixture
def secure_url(speaking_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The server behind TLS, as behind a reverse proxy, with a certificate that this process trusts."""
    with TlsTunnel(speaking_server.port, tmp_path) as tunnel:
        monkeypatch.setenv("SSL_CERT_FILE", str(tunnel.certificate))
        yield tunnel.url


@contextmanager
def connected(url: str, key: str = KEY) -> Iterator[ElevenLabs]:
    # The SDK does not close a client that it creates itself.
    with httpx.Client(timeout=60) as http_client:
        yield ElevenLabs(api_key=key, base_url=url, httpx_client=http_client)


def words() -> Iterator[str]:
    for word in TEXT.split():
        yield f"{word} "


@pytest.mark.parametrize("method", ["convert", "stream"])
def test_a_text_is_understood(speaking_server: Server, method: str) -> None:
    with connected(speaking_server.url) as client:
        call = getattr(client.text_to_speech, method)
        pcm = b"".join(call(VOICE, text=TEXT, model_id="eleven_flash_v2_5", output_format=PCM))
    assert understood(TEXT, pcm, CLIENTS_RATE) > CLEAR


def test_words_that_are_being_written_are_understood(secure_url: str) -> None:
    with connected(secure_url) as client:
        pcm = b"".join(client.text_to_speech.convert_realtime(VOICE, text=words(), output_format=PCM))
    assert understood(TEXT, pcm, CLIENTS_RATE) > CLEAR


def test_nothing_to_say_is_an_error(secure_url: str) -> None:
    with connected(secure_url) as client, pytest.raises(ApiError, match="nothing in it that can be spoken"):
        list(client.text_to_speech.convert_realtime(VOICE, text=iter(["-?-"]), output_format=PCM))


def test_a_wrong_key_is_a_401(speaking_server: Server) -> None:
    with connected(speaking_server.url, key="sk-of-a-stranger") as client, pytest.raises(ApiError) as raised:
        list(client.text_to_speech.convert(VOICE, text=TEXT))
    assert raised.value.status_code == 401
