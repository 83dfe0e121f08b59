"""`soprano say` against servers that behave well and badly."""

import os
from pathlib import Path

import pytest

from launch.process import ports
from tests.launch.say.speaker import DONE, Piece, Then, done, error, event, speaker
from tests.launch.serving import assert_one_sentence, soprano


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """The path of a clip in an otherwise empty directory."""
    directory = tmp_path / "clips"
    directory.mkdir()
    return directory / "hello.mp3"


def test_the_audio_is_saved(clip: Path) -> None:
    with speaker(b"one", b"two", DONE) as server:
        result = soprano("say", "Hello.", "-o", str(clip), "--url", server.url, SOPRANO_API_KEY="secret")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert clip.read_bytes() == b"onetwo"
    assert list(clip.parent.iterdir()) == [clip]
    assert clip.stat().st_mode & 0o777 == 0o666 & ~_umask()
    (request,) = server.requests
    assert request.path == "/v1/audio/speech/ws"
    assert request.key == "Bearer secret"


def test_what_went_wrong_with_a_sentence_is_a_warning_and_no_failure(clip: Path) -> None:
    warnings = [
        {"sentence": 0, "code": "truncated", "message": "it is cut at the longest that a sentence may be"},
        {"sentence": 4, "code": "silent", "message": "it has no sound\x1b[2J\nsoprano: all is well"},
    ]
    with speaker(b"one", done(6, warnings=warnings)) as server:
        result = soprano("say", "Hello.", "-o", str(clip), "--url", server.url)
    assert (result.returncode, result.stdout) == (0, "")
    assert clip.read_bytes() == b"one"
    assert result.stderr.splitlines() == [
        "soprano: warning: sentence 1: it is cut at the longest that a sentence may be (truncated)",
        "soprano: warning: sentence 5: it has no sound [2J soprano: all is well (silent)",
    ]


def test_options_that_are_not_given_are_left_to_the_server(clip: Path) -> None:
    with speaker(DONE) as server:
        assert soprano("say", "Hello.", "-o", str(clip), "--url", server.url).returncode == 0
    assert server.requests[0].body == {
        "type": "request.start",
        "model": "soprano",
        "response_format": "mp3",
        "timestamps": True,
        "trim_silence": False,
    }
    assert server.requests[0].text == "Hello."
    assert server.requests[0].key is None


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--format=flac", {"response_format": "flac"}),
        ("--model=tts-1", {"model": "tts-1"}),
        ("--voice=alloy", {"voice": "alloy"}),
        ("--speed=1.5", {"speed": 1.5}),
        ("--sample-rate=16000", {"sample_rate": 16000}),
        ("--seed=-7", {"seed": -7}),
        ("--temperature=0", {"temperature": 0.0}),
        ("--top-p=0.5", {"top_p": 0.5}),
        ("--top-k=0", {"top_k": 0}),
        ("--repetition-penalty=1.1", {"repetition_penalty": 1.1}),
        ("--retries=0", {"retries": 0}),
        ("--plain", {"apply_text_normalization": "off"}),
    ],
)
def test_an_option_is_a_field(clip: Path, option: str, value: dict[str, object]) -> None:
    with speaker(DONE) as server:
        assert soprano("say", "Hello.", "-o", str(clip), "--url", server.url, option).returncode == 0
    usual = {"type", "model", "response_format", "timestamps", "trim_silence"}
    body = server.requests[0].body
    assert body.keys() == usual | value.keys()
    assert body.items() >= value.items()


def test_a_file_is_the_lexicon(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "words.toml").write_text('# ours\n"nginx" = "engine x"\n"node.js" = "node jay ess"\n')
    with speaker(DONE) as server:
        result = soprano("say", "Hello.", "-o", str(clip), "--url", server.url, f"--lexicon={tmp_path / 'words.toml'}")
    assert result.returncode == 0
    assert server.requests[0].body["lexicon"] == {"nginx": "engine x", "node.js": "node jay ess"}


@pytest.mark.parametrize(
    ("content", "words"), [("nginx\n", "line 1"), ('"nginx" = 5\n', "the respelling of 'nginx' must be a string")]
)
def test_a_wrong_lexicon_is_not_sent(clip: Path, tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "words.toml").write_text(content)
    with speaker(DONE) as server:
        result = soprano("say", "Hello.", "-o", str(clip), "--url", server.url, f"--lexicon={tmp_path / 'words.toml'}")
    assert_one_sentence(result, "--lexicon", "words.toml", words)
    assert server.requests == []


@pytest.mark.parametrize(
    ("name", "audio_format"),
    [("a.wav", "wav"), ("a.OGG", "opus"), ("a.b.flac", "flac"), ("a.ulaw", "pcmu"), ("a.alaw", "pcma")],
)
def test_the_extension_names_the_format(tmp_path: Path, name: str, audio_format: str) -> None:
    with speaker(DONE) as server:
        assert soprano("say", "Hello.", "-o", str(tmp_path / name), "--url", server.url).returncode == 0
    assert server.requests[0].body["response_format"] == audio_format


def test_no_server(clip: Path) -> None:
    (port,) = ports.find_free("127.0.0.1", 1)
    result = soprano("say", "Hello.", "-o", str(clip), "--url", f"http://127.0.0.1:{port}")
    assert_one_sentence(result, f"no server at http://127.0.0.1:{port}: start it with `make serve`")
    assert not list(clip.parent.iterdir())


def test_the_servers_own_message(clip: Path) -> None:
    with speaker(error("There is no voice 'x'.", "invalid_request_error")) as server:
        result = soprano("say", "Hello.", "-o", str(clip), "--url", server.url)
    assert_one_sentence(result, "the server refuses: There is no voice 'x'.")
    assert not list(clip.parent.iterdir())


def test_a_session_that_is_refused(clip: Path) -> None:
    with speaker(status=401, body=b'{"error":{"message":"The API key is wrong."}}') as server:
        result = soprano("say", "Hello.", "-o", str(clip), "--url", server.url)
    assert_one_sentence(result, "401", "The API key is wrong.")
    assert not list(clip.parent.iterdir())


def test_a_message_in_another_form(clip: Path) -> None:
    with speaker(status=502, body=b"Bad gateway") as server:
        result = soprano("say", "Hello.", "-o", str(clip), "--url", server.url)
    assert_one_sentence(result, "502", "Bad gateway")


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        ([Then.CUT], "the connection to "),
        ([], "the connection to "),
        ([error("Triton is gone.")], "the server failed: Triton is gone."),
        ([error("Triton is gone."), DONE], "the server failed: Triton is gone."),
        (["{audio"], "invalid speech event"),
        ([event("response.done")], "invalid speech event"),
        ([event("response.sentence", text=3)], "invalid speech event"),
        ([done(5)], "stops before the end"),
    ],
    ids=["cut", "no done", "error", "error and done", "no JSON", "no length", "no place", "not all of the text"],
)
def test_a_stream_that_fails_leaves_the_old_file(clip: Path, pieces: list[Piece], words: str) -> None:
    clip.write_bytes(b"old")
    with speaker(b"half", *pieces) as server:
        assert_one_sentence(soprano("say", "Hello.", "-o", str(clip), "--url", server.url, "--reconnect=0"), words)
    assert clip.read_bytes() == b"old"
    assert list(clip.parent.iterdir()) == [clip]


def test_a_server_of_another_kind(clip: Path) -> None:
    with speaker(status=404, body=b"Not found") as server:
        result = soprano("say", "Hello.", "-o", str(clip), "--url", server.url)
    assert_one_sentence(result, "refuses (404): Not found")
    assert not list(clip.parent.iterdir())


def test_an_extension_that_is_no_format(clip: Path) -> None:
    assert_one_sentence(soprano("say", "Hello.", "-o", str(clip.with_suffix(".doc"))), "hello.doc", "--format")


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://localhost", "http://[::1"])
def test_a_url_that_is_invalid(clip: Path, url: str) -> None:
    assert_one_sentence(soprano("say", "Hello.", "-o", str(clip), "--url", url), url, "is not the URL of a server")


@pytest.mark.parametrize("output", ["/nowhere/hello.mp3", "."])
def test_a_file_that_cannot_be_written(output: str) -> None:
    with speaker(DONE) as server:
        result = soprano("say", "Hello.", "-o", output, "--format", "mp3", "--url", server.url)
    assert_one_sentence(result, f"cannot write {output}", "choose another file")
    assert not server.requests, "speech was made for nothing"


def test_a_link_stays_a_link(clip: Path) -> None:
    target = clip.with_name("target.mp3")
    clip.symlink_to(target.name)
    with speaker(b"audio", DONE) as server:
        assert soprano("say", "Hello.", "-o", str(clip), "--url", server.url).returncode == 0
    assert clip.is_symlink()
    assert target.read_bytes() == b"audio"


def test_a_key_with_any_characters(clip: Path) -> None:
    with speaker(DONE) as server:
        assert soprano("say", "Hello.", "-o", str(clip), "--url", server.url, "--api-key=schlüssel").returncode == 0
    assert server.requests[0].key == "Bearer schlüssel".encode().decode("latin-1")


@pytest.mark.parametrize("option", ["speed", "temperature", "top-p", "repetition-penalty"])
def test_a_number_that_is_not_finite(clip: Path, option: str) -> None:
    result = soprano("say", "Hello.", "-o", str(clip), f"--{option}=nan")
    assert_one_sentence(result, f"--{option} must be a finite number")


def test_help_groups_its_options() -> None:
    page = soprano("say", "--help", COLUMNS="120").stdout
    assert page.index("─ Options ─") < page.index("--output") < page.index("─ Sampling ─") < page.index("--top-k")
    assert page.index("--retries") < page.index("─ Server ─") < page.index("--url")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
