import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.voices.evaluation.test_verdicts import GOOD
from voices.evaluation.level import Level
from voices.evaluation.report import save_report, table
from voices.evaluation.results import Likeness, Misheard, Sounding
from voices.evaluation.silence import Silence
from voices.evaluation.verdicts import VOICE, judge

RESULTS = replace(
    GOOD,
    misheard=[Misheard("Turn left at the light.", "turn left at a light", "turn left at the light")],
    likeness=Likeness(same=7.5, other=14.0, duration=1.02),
    sounding={VOICE: Sounding(Level(-20.1, -3.2), Silence(0.04, 0.21))},
)


def test_a_person_reads_it_as_tables() -> None:
    lines = table(RESULTS, list(judge(RESULTS))).splitlines()
    assert "| mp3 within 3 points of pcm | +3.0 | met |" in lines
    assert "| the voice, pcm | 10.00 | 100 in 1000 |" in lines
    assert "| the voice | -20.1 | -3.2 | 0.040 | 0.210 |" in lines
    assert "| the voice | 0.033 | 90.0 s | 20 |" in lines


def test_a_program_reads_it_as_json(tmp_path: Path) -> None:
    verdicts = list(judge(RESULTS))
    spectra = [("Turn left at the light.", *(np.full((50, 80), -40, np.float32),) * 2)]
    text, data, picture = save_report(RESULTS, verdicts, spectra, tmp_path / "new")
    content = json.loads(data.read_text())
    assert content["voice"]["pcm"] == {"errors": 100, "words": 1000}
    assert content["misheard"][0]["heard"] == "turn left at a light"
    assert len(content["verdicts"]) == len(verdicts)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert text.read_text() == table(RESULTS, verdicts)
