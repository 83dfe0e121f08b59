"""The page with a keyboard only, with a screen reader, on a small screen and in any browser."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.paused_engine import PausedEngine
from tests.web.visitor import Visitor

pytestmark = pytest.mark.browser

CONTROLS = "a, button, input, select, textarea, [tabindex]"
NOT_EMPTY = re.compile(r"\S")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_the_keyboard_is_enough(visitor: Visitor, engine: PausedEngine) -> None:
    order = []
    for _ in range(8):
        visitor.page.keyboard.press("Tab")
        order.append(focused(visitor.page))
    assert order == ["text", "live", "format", "voice", "model", "speed", "key", "speak"]
    visitor.page.keyboard.press("Enter")
    visitor.wait_for("Done.")
    assert len(engine.asked) == 1


def test_control_and_enter_speak_from_the_text(visitor: Visitor, engine: PausedEngine) -> None:
    visitor.text.fill("Hello there.")
    visitor.page.keyboard.press("Control+Enter")
    visitor.wait_for("Done.")
    assert [asked.text for asked in engine.asked] == ["Hello there."]


def test_focus_stays_on_the_page_when_stop_goes(visitor: Visitor, engine: PausedEngine) -> None:
    engine.paused_at = 5
    visitor.say("Hello there.", format="pcm")
    visitor.wait_for_sound()
    visitor.stop.focus()
    visitor.page.keyboard.press("Enter")
    visitor.wait_for("Stopped.")
    expect(visitor.speak).to_be_focused()


def test_every_control_has_a_name(visitor: Visitor) -> None:
    visitor.say("Hello there.", format="pcm")
    visitor.wait_for("Done.")
    controls = visitor.page.locator(CONTROLS).filter(visible=True).all()
    assert len(controls) == 17
    for control in controls:
        expect(control).to_have_accessible_name(NOT_EMPTY)


def test_a_small_screen_needs_no_scrolling_sideways(visitor: Visitor) -> None:
    visitor.page.set_viewport_size({"width": 360, "height": 640})
    visitor.say("A_very_long_word_" * 20, format="pcm")
    visitor.wait_for("Done.")
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_have_enough_contrast(visitor: Visitor, scheme: str) -> None:
    """WCAG AA: 4.5 to 1, computed as WCAG 2.2 defines it."""
    visitor.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    visitor.say("Hello there.", format="pcm")
    visitor.wait_for("Done.")
    ratios = visitor.page.evaluate(CONTRASTS)
    assert len(ratios) > 20
    assert [pair for pair in ratios if pair[1] < 4.5] == []


def test_without_scripts_it_says_how_to_speak(browser: Browser, url: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(url)
    expect(page.get_by_text("This page needs JavaScript")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    context.close()


def test_a_format_that_cannot_be_streamed_is_played_at_the_end(page: Page, engine: PausedEngine) -> None:
    page.add_init_script("delete window.AudioDecoder")
    page.goto("/")
    visitor = Visitor(page)
    engine.paused_at = 5
    note = page.get_by_text("starts to play only when all of it has arrived")
    expect(note).to_be_hidden()
    visitor.say("Hello there.", format="opus")
    expect(note).to_be_visible()
    visitor.wait_for("Waiting for all of the clip…")
    engine.resumed.set()
    visitor.wait_for_sound()
    visitor.wait_for("Done.")


def test_it_works_below_a_prefix(page: Page, url: str) -> None:
    """Behind a reverse proxy that adds a path prefix and removes it from requests."""
    page.route(f"{url}/**", lambda route: route.abort())
    page.route(f"{url}/tts/**", lambda route: route.continue_(url=route.request.url.replace("/tts/", "/")))
    page.goto("/tts/")
    visitor = Visitor(page)
    expect(visitor.voice.locator("option")).to_have_count(14)
    visitor.say("Hello there.", format="pcm")
    visitor.wait_for("Done.")
    expect(visitor.curl).to_contain_text(f"{url}/tts/v1/audio/speech")


CONTRASTS = """() => {
    const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const luminance = ([red, green, blue]) => {
        const [r, g, b] = [red, green, blue].map((value) =>
            value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element) => {
        const colour = numbers(getComputedStyle(element).backgroundColor);
        return colour[3] === 0 && element.parentElement ? ground(element.parentElement) : colour;
    };
    const withText = [...document.querySelectorAll('body *')].filter((element) => element.checkVisibility()
        && !element.disabled && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
    return withText.map((element) => {
        const [a, b] = [numbers(getComputedStyle(element).color), ground(element)].map(luminance);
        return [element.outerHTML.slice(0, 60), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
    });
}"""
