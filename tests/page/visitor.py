"""A visitor of the page, who finds its parts as people do: by their labels."""

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

from tests.waiting import wait_until


class Visitor:
    """Fills the page in and listens to it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.text = page.get_by_label("Text", exact=True)
        self.format = page.get_by_label("Format")
        self.voice = page.get_by_label("Voice")
        self.model = page.get_by_label("Model")
        self.speed = page.get_by_label("Speed")
        self.key = page.get_by_label("API key")
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
        """One of the figures of the clip."""
        return self.page.locator("dt", has_text=name).locator("xpath=following-sibling::dd")

    def say(self, text: str, **choices: str) -> None:
        """Ask for `text`, in a `format`."""
        self.text.fill(text)
        for field, choice in choices.items():
            getattr(self, field).select_option(choice)
        self.speak.click()

    def wait_for(self, status: str, timeout: float = 20.0) -> None:
        """Wait until the page says so; fail if it does not within `timeout` seconds."""
        expect(self.status).to_have_text(status, timeout=1000 * timeout)

    def hears_sound(self) -> bool:
        """Whether something sounds at this moment, by a clock that runs."""
        if not self.page.evaluate("ears.loudness() > 0.1"):
            return False
        clock = self.page.evaluate("ears.clock()")
        wait_until(lambda: self.page.evaluate("ears.clock()") > clock)
        return True

    def wait_for_sound(self) -> None:
        """Wait until something sounds."""
        wait_until(self.hears_sound)

    def runs(self) -> list[tuple[float, NDArray[np.float32], int]]:
        """The samples that the page has scheduled so far: when, which, and their rate."""
        runs: list[dict[str, Any]] = self.page.evaluate(
            """ears.runs.map(({at, rate, samples}) =>
                ({at, rate, samples: new Uint8Array(samples.buffer).toBase64()}))"""
        )
        return [(run["at"], np.frombuffer(base64.b64decode(run["samples"]), np.float32), run["rate"]) for run in runs]

    def downloaded(self) -> tuple[str, bytes]:
        """The name and the bytes of the file that the page offers."""
        with self.page.expect_download() as download:
            self.download.click()
        return download.value.suggested_filename, download.value.path().read_bytes()
