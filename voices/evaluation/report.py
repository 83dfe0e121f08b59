"""The files of an evaluation: a table for people, JSON for programs, and a picture of spectra."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from measuring.verdicts import Outcome, Verdict
from voices.evaluation.results import Results, System
from voices.evaluation.sound import Sound
from voices.evaluation.spectra import draw_spectra
from voices.evaluation.word_errors import WordErrors

_MEASURES: dict[str, Callable[[System], str]] = {
    "words misheard": lambda system: _errors(system.held_out.errors),
    "of hard texts": lambda system: _errors(system.hard.errors),
    "hard texts that repeat": lambda system: f"{system.hard.repeated}",
    "hard texts that do not end": lambda system: f"{system.hard.unfinished}",
    "Distill-MOS": lambda system: f"{system.sounding.distill_mos:.2f}",
    "P.808": lambda system: f"{system.sounding.p808:.2f}",
    "harmonics to noise, dB": lambda system: f"{system.sounding.voicing.harmonics_to_noise:.1f}",
    "pitch, Hz": lambda system: f"{system.sounding.voicing.pitch:.0f}",
    "deviation of the pitch, semitones": lambda system: f"{system.sounding.voicing.pitch_deviation:.2f}",
    "pauses per sentence": lambda system: f"{system.sounding.pauses.per_sentence:.2f}",
    "mean pause, s": lambda system: f"{system.sounding.pauses.seconds:.2f}",
    "commas with a pause": lambda system: f"{system.sounding.pauses.at_commas:.0%}",
    "sound up to, kHz": lambda system: f"{system.sounding.reach / 1000:.1f}",
    "RMS, dBFS": lambda system: f"{system.sounding.level.rms:.1f}",
    "peak, dBFS": lambda system: f"{system.sounding.level.peak:.1f}",
    "silence before, s": lambda system: f"{system.sounding.silence.before:.3f}",
    "silence after, s": lambda system: f"{system.sounding.silence.after:.3f}",
    "all clips, s": lambda system: f"{system.sounding.seconds:.0f}",
}
"""The rows of the table of systems."""


def save_report(
    results: Results,
    verdicts: Sequence[Verdict],
    pictured: tuple[Sequence[str], Mapping[str, Sequence[Sound]]],
    directory: Path,
) -> list[Path]:
    """Write the files to `directory`, which is created if it is missing, and return them.

    `pictured` are some texts, and the sounds of each system for them.
    """
    directory.mkdir(parents=True, exist_ok=True)
    text, data, picture = (directory / name for name in ("RESULTS.md", "evaluation.json", "spectra.png"))
    text.write_text(table(results, verdicts), encoding="utf-8")
    content = asdict(results) | {"verdicts": [asdict(verdict) for verdict in verdicts]}
    data.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    draw_spectra(*pictured, picture)
    return [text, data, picture]


def table(results: Results, verdicts: Sequence[Verdict]) -> str:
    """Return all results as Markdown."""
    return "\n".join(_lines(results, verdicts)) + "\n"


def _lines(results: Results, verdicts: Sequence[Verdict]) -> Iterator[str]:
    facts = results.facts
    where = facts.gpu or f"{facts.processor}, {facts.cores} cores"
    yield f"# {results.checkpoint}, evaluated"
    yield ""
    yield f"{results.sentences} held-out sentences and {results.hard_texts} hard texts through Triton and the proxy,"
    yield f"recognised by Whisper (tiny.en). By `make voice-evaluate` on {where}, {facts.dtype}, commit {facts.commit},"
    yield f"{facts.date[:10]}."
    yield from _heading("", "measured", "")
    yield from (
        _row(each.target, each.value, "met" if each.outcome is Outcome.MET else "**missed**") for each in verdicts
    )
    yield from _heading("", *results.systems)
    yield from (_row(name, *map(measure, results.systems.values())) for name, measure in _MEASURES.items())
    if results.variants:
        yield from _heading("words misheard, by format and speed", "")
    yield from (_row(name, _errors(errors)) for name, errors in results.variants.items())
    if results.speeds:
        yield from _heading("", "real-time factor", "audio a second, 16 at once", "first audio, ms")
    for name, speed in results.speeds.items():
        yield _row(name, f"{speed.real_time_factor:.3f}", f"{speed.together:.1f} s", f"{1000 * speed.first_audio:.0f}")
    yield ""
    yield "![Spectrograms of all, with their pitch](spectra.png)"


def _errors(errors: WordErrors) -> str:
    return f"{errors.rate:.2%} ({errors.errors} in {errors.words})"


def _heading(*cells: str) -> Iterator[str]:
    yield ""
    yield _row(*cells)
    yield "|" + "---|" * len(cells)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
