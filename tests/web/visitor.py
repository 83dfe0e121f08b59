"""A visitor of the page, who finds its controls by their labels, as people do."""

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

from proxy.audio.formats import FormatName
from tests.waiting import wait_until

FORMATS: tuple[FormatName, ...] = ("mp3", "opus", "aac", "flac", "wav", "pcm")
"""The formats that the page offers."""


@dataclass(frozen=True)
class Run:
    """Samples that the page scheduled together, with their arrival and start times on the audio clock."""

    came: float
    at: float
    samples: NDArray[np.float32]
    rate: int

    @property
    def end(self) -> float:
        return self.at + len(self.samples) / self.rate


class Visitor:
    """Fills in the page's form and listens to its sound."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.text = page.get_by_label("Text", exact=True)
        self.format = page.get_by_label("Format")
        self.voice = page.get_by_label("Voice")
        self.model = page.get_by_label("Model")
        self.speed = page.get_by_label("Speed")
        self.key = page.get_by_label("API key")
        self.live = page.get_by_label("Speak while I type")
        self.speak = page.get_by_role("button", name="Speak")
        self.stop = page.get_by_role("button", name="Stop")
        self.again = page.get_by_role("button", name="Play again")
        self.download = page.get_by_role("link", name="Download")
        self.error = page.get_by_role("alert")
        self.status = page.locator("#status")
        self.notice = page.locator("#notice")
        self.checkpoint = page.locator("#checkpoint")
        self.transcript = page.get_by_role("group", name="Text that is spoken")
        self.curl = page.get_by_role("region", name="curl")
        self.python = page.get_by_role("region", name="Python")

    def figure(self, name: str) -> Locator:
        """A value shown about the clip, by its name."""
        return self.page.locator("dt", has_text=name).locator("xpath=following-sibling::dd")

    def say(self, text: str, **choices: str) -> None:
        """Ask for `text`, in a `format`."""
        self.text.fill(text)
        for field, choice in choices.items():
            getattr(self, field).select_option(choice)
        self.speak.click()

    def type(self, text: str) -> None:
        """Type at the end of the text, key by key."""
        self.text.press("End")
        self.text.press_sequentially(text)

    def wait_for(self, status: str, timeout: float = 20.0) -> None:
        """Wait until the page shows `status`; fail after `timeout` seconds."""
        expect(self.status).to_have_text(status, timeout=1000 * timeout)

    def wait_for_sound(self, clip: int = 1) -> None:
        """Wait until something of the `clip`-th clip since the page was opened is or has been heard."""
        wait_until(lambda: self.page.evaluate("playback.heard.size") >= clip)

    def runs(self) -> list[Run]:
        """The samples that the page has scheduled so far."""
        runs: list[dict[str, Any]] = self.page.evaluate(
            "playback.runs.map((run) => ({ ...run, samples: new Uint8Array(run.samples.buffer).toBase64() }))"
        )
        return [Run(**run | {"samples": np.frombuffer(base64.b64decode(run["samples"]), np.float32)}) for run in runs]

    def marked(self) -> list[str]:
        """The sentences that the page has marked as spoken so far, in turn."""
        marked: list[str] = self.page.evaluate("playback.marked")
        return marked

    def downloaded(self) -> tuple[str, bytes]:
        """The name and the bytes of the file that the page offers."""
        with self.page.expect_download() as download:
            self.download.click()
        return download.value.suggested_filename, download.value.path().read_bytes()
