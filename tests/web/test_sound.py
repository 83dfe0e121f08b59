"""What the page plays, and when."""

from itertools import pairwise

import numpy as np
import pytest
from playwright.sync_api import expect

from proxy.audio.formats import FormatName
from tests.proxy.listening import Heard
from tests.proxy.stand_in import FREQUENCY, RATE
from tests.web.paused_engine import PausedEngine
from tests.web.visitor import FORMATS, Visitor

pytestmark = pytest.mark.browser

each_format = pytest.mark.parametrize("name", FORMATS)


@each_format
def test_every_format_is_heard_while_it_is_made(visitor: Visitor, engine: PausedEngine, name: FormatName) -> None:
    engine.paused_at = 9
    visitor.say("Hello there.", format=name)
    visitor.wait_for_sound()
    assert engine.finished == 0
    engine.resumed.set()
    visitor.wait_for("Done.")
    assert engine.finished == 1


@pytest.mark.parametrize("name", ["opus", "flac", "wav", "pcm"])
def test_samples_follow_each_other_without_a_gap(visitor: Visitor, engine: PausedEngine, name: FormatName) -> None:
    visitor.say("Hello there.", format=name)
    visitor.wait_for("Done.")
    runs = visitor.runs()
    for run, following in pairwise(runs):
        if following.came < run.end:  # on a machine that is too busy, some come late
            assert following.at == pytest.approx(run.end, abs=0.1 / run.rate)
    heard = Heard(np.concatenate([run.samples for run in runs]), runs[0].rate)
    assert heard.seconds == pytest.approx(engine.seconds, abs=0.001)
    assert heard.frequency() == pytest.approx(FREQUENCY, abs=0.5)
    # A tone of constant amplitude has no clicks: a step at a join would add higher frequencies.
    steps = np.abs(np.diff(heard.middle(), n=2))
    assert steps.max() < 1.2 * steps[: heard.rate // 20].max()


def test_samples_that_come_late_are_heard_from_the_first_of_them_on(visitor: Visitor, engine: PausedEngine) -> None:
    engine.delays = {5: 2.0}  # of a clip of 1.92 s
    visitor.say("Hello there.", format="pcm")
    visitor.wait_for("Done.")
    runs = visitor.runs()
    assert any(following.came > run.end for run, following in pairwise(runs))
    assert all(run.at > run.came for run in runs)


@each_format
def test_time_to_the_first_sound_is_shown(visitor: Visitor, engine: PausedEngine, name: FormatName) -> None:
    engine.delays, engine.paused_at = {0: 0.5}, 9
    visitor.say("Hello there.", format=name)
    visitor.wait_for("Speaking…")
    engine.resumed.set()
    milliseconds, unit = visitor.figure("First sound").inner_text().split()
    assert unit == "ms"
    assert 500 <= int(milliseconds) < 5000
    visitor.wait_for("Done.")


@each_format
def test_silence_before_the_first_sound_counts(visitor: Visitor, engine: PausedEngine, name: FormatName) -> None:
    engine.silence = RATE  # a second of the clip
    visitor.say("Hello there.", format=name)
    visitor.wait_for("Done.")
    milliseconds, _ = visitor.figure("First sound").inner_text().split()
    assert 1000 <= int(milliseconds) < 5000


def test_figures_of_the_clip_are_shown(visitor: Visitor) -> None:
    visitor.say("Hello there.", format="pcm")
    visitor.wait_for("Done.")
    expect(visitor.figure("Duration")).to_have_text("1.92 s")
    expect(visitor.figure("Tokens")).to_have_text("7 in, 30 out")
    expect(visitor.figure("Size")).to_have_text("92.2 kB")
