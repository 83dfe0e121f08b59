"""Recorded speech, and a recogniser for it."""

from pathlib import Path

import pytest
import soundfile

from voices.evaluation.recogniser import Recogniser
from voices.evaluation.sound import Sound

CLIPS = Path(__file__).parent / "clips"
SPOKEN = {
    "report": "Please send me the report before lunch on Friday.",
    "sister": "My sister moved to a small town near the coast.",
}
"""The texts of the clips, which flite's voice `cmu_us_rms` spoke."""


@pytest.fixture(scope="session")
def clips() -> dict[str, Sound]:
    """The recordings, by name."""
    return {name: Sound(*soundfile.read(CLIPS / f"{name}.flac", dtype="float32")) for name in SPOKEN}


@pytest.fixture(scope="session")
def recogniser() -> Recogniser:
    """A recogniser, whose model is loaded once."""
    return Recogniser()
