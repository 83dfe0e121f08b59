import json
from pathlib import Path

import numpy as np

from tests.voices.evaluation.test_verdicts import GOOD
from voices.evaluation.report import save_report, table
from voices.evaluation.sound import Sound
from voices.evaluation.verdicts import TEACHER, VOICE, judge


def test_a_person_reads_it_as_tables() -> None:
    lines = table(GOOD, list(judge(GOOD))).splitlines()
    assert "| mp3 within 1.5 points of pcm | +1.50 | met |" in lines
    assert "|  | its teacher | the voice |" in lines
    assert "| words misheard | 2.50% (25 in 1000) | 4.00% (40 in 1000) |" in lines
    assert "| harmonics to noise, dB | 11.5 | 10.0 |" in lines
    assert "| commas with a pause | 55% | 55% |" in lines
    assert "| mp3 | 5.50% (55 in 1000) |" in lines
    assert "| the voice | 0.033 | 90.0 s | 45 |" in lines


def test_a_program_reads_it_as_json(tmp_path: Path) -> None:
    verdicts = list(judge(GOOD))
    hum = Sound(np.sin(np.arange(16_000) / 20).astype(np.float32) / 2, 32_000)
    pictured = ["Turn left at the light."], {TEACHER: [hum], VOICE: [hum]}
    text, data, picture = save_report(GOOD, verdicts, pictured, tmp_path / "new")
    content = json.loads(data.read_text())
    assert content["systems"][VOICE]["held_out"]["errors"] == {"errors": 40, "words": 1000}
    assert content["systems"][VOICE]["held_out"]["misheard"][0]["heard"] == "Turn left at a light."
    assert len(content["verdicts"]) == len(verdicts)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert text.read_text() == table(GOOD, verdicts)
