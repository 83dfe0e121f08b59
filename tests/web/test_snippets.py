"""The command and the program that the page shows work."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from proxy.settings import Settings
from tests.proxy.listening import read_with_libsndfile
from tests.web.paused_engine import PausedEngine
from tests.web.visitor import Visitor

pytestmark = pytest.mark.browser

TEXTS = {
    "plain": "Hello there.",
    "quotes": """She said "don't", 'won't' and `can't`.""",
    "newlines": "One line.\nAnother one.\n\n\tA third.",
    "shell": "It costs $HOME or $(pwd), 100% !! \\ and \\n ; & | # *",
    "emoji": "Music 🎵 für Ünïcödé \u2028 and 日本語.",
    "option": "@file -d --help",
}
each_text = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)


@pytest.fixture
def settings() -> Settings:
    return Settings(triton_url="127.0.0.1:8001", api_keys=frozenset({"secret"}))


def run(command: list[str], folder: Path) -> None:
    environment = {**os.environ, "OPENAI_API_KEY": "secret"}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=60)


def check(engine: PausedEngine, folder: Path, text: str) -> None:
    (asked,) = engine.asked
    assert asked.text == text
    assert read_with_libsndfile((folder / "speech.wav").read_bytes()).seconds == pytest.approx(engine.seconds, abs=0.1)


def fill_in(visitor: Visitor, text: str) -> None:
    visitor.text.fill(text)
    visitor.format.select_option("wav")
    visitor.key.fill("secret")


@each_text
def test_the_command_runs_in_a_shell(visitor: Visitor, engine: PausedEngine, tmp_path: Path, text: str) -> None:
    fill_in(visitor, text)
    run(["bash", "-c", visitor.curl.inner_text()], tmp_path)
    check(engine, tmp_path, text)


@each_text
def test_the_program_runs_in_python(visitor: Visitor, engine: PausedEngine, tmp_path: Path, text: str) -> None:
    fill_in(visitor, text)
    run([sys.executable, "-c", visitor.python.inner_text()], tmp_path)
    check(engine, tmp_path, text)


def test_the_program_for_live_text_runs_in_python(visitor: Visitor, engine: PausedEngine, tmp_path: Path) -> None:
    fill_in(visitor, "")
    visitor.live.check()
    visitor.voice.select_option("nova")
    expect(visitor.curl).to_be_hidden()
    expect(visitor.python).to_contain_text('voice="nova"')
    run([sys.executable, "-c", visitor.python.inner_text()], tmp_path)
    assert engine.spoken == [
        "hello from soprano, which speaks while you write.",
        "you hear this while the next sentence is written.",
    ]
    heard = read_with_libsndfile((tmp_path / "speech.wav").read_bytes())
    assert heard.seconds == pytest.approx(2 * engine.seconds, abs=0.1)


def test_they_follow_the_form(visitor: Visitor, url: str) -> None:
    visitor.text.fill("Good morning.")
    visitor.format.select_option("flac")
    visitor.voice.select_option("nova")
    visitor.model.select_option("tts-1")
    visitor.speed.fill("1.5")
    request = '{"model":"tts-1","voice":"nova","input":"Good morning.","response_format":"flac","speed":1.5}'
    expect(visitor.curl).to_contain_text(f"'{url}/v1/audio/speech'")
    expect(visitor.curl).to_contain_text(f"-d '{request}'")
    expect(visitor.curl).to_contain_text("-o speech.flac")
    for line in (f'base_url="{url}/v1"', 'voice="nova",', "speed=1.5,", '("speech.flac")'):
        expect(visitor.python).to_contain_text(line)


def test_the_key_stands_in_the_environment_if_there_is_one(visitor: Visitor) -> None:
    expect(visitor.curl).not_to_contain_text("Authorization")
    expect(visitor.python).to_contain_text('api_key="none"')
    visitor.key.fill("secret")
    expect(visitor.curl).to_contain_text('-H "Authorization: Bearer $OPENAI_API_KEY"')
    expect(visitor.python).not_to_contain_text("api_key")


@pytest.mark.parametrize("name", ["curl", "python"])
def test_they_can_be_copied(visitor: Visitor, name: str) -> None:
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.page.get_by_role("button", name=f"Copy the {name}").click()
    expect(visitor.page.get_by_text("Copied.")).to_be_visible()
    visitor.text.dispatch_event("input")  # after which the page shows the same again
    expect(visitor.page.get_by_text("Copied.")).to_be_visible()
    copied = visitor.page.evaluate("navigator.clipboard.readText()")
    assert copied == visitor.page.locator(f"#{name}").text_content()


def test_they_can_be_copied_without_a_clipboard_of_the_page(visitor: Visitor) -> None:
    visitor.page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    visitor.page.get_by_role("button", name="Copy the curl").click()
    expect(visitor.page.get_by_text("Copied.")).to_be_visible()
