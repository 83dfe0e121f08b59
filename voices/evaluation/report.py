"""The files of an evaluation: a table for people, JSON for programs, and a picture of spectra."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from measuring.verdicts import Outcome, Verdict
from voices.evaluation.likeness import Spectrum
from voices.evaluation.results import Results
from voices.evaluation.spectra import draw_spectra
from voices.evaluation.verdicts import TEACHER, VOICE
from voices.evaluation.word_errors import WordErrors

_PICTURED = 4  # sentences


def save_report(
    results: Results,
    verdicts: Sequence[Verdict],
    spectra: Sequence[tuple[str, Spectrum, Spectrum]],
    directory: Path,
) -> list[Path]:
    """Write the files to `directory`, which is created if it is missing, and return them."""
    directory.mkdir(parents=True, exist_ok=True)
    text, data, picture = (directory / name for name in ("RESULTS.md", "evaluation.json", "spectra.png"))
    text.write_text(table(results, verdicts), encoding="utf-8")
    content = asdict(results) | {"verdicts": [asdict(verdict) for verdict in verdicts]}
    data.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    draw_spectra(spectra[:_PICTURED], picture)
    return [text, data, picture]


def table(results: Results, verdicts: Sequence[Verdict]) -> str:
    """Return all results as Markdown."""
    return "\n".join(_lines(results, verdicts)) + "\n"


def _lines(results: Results, verdicts: Sequence[Verdict]) -> Iterator[str]:
    facts = results.facts
    where = facts.gpu or f"{facts.processor}, {facts.cores} cores"
    yield f"# {results.checkpoint}, evaluated"
    yield ""
    yield f"{results.sentences} held-out sentences through Triton and the proxy, recognised by pocketsphinx. By"
    yield f"`make voice-evaluate` on {where}, {facts.dtype}, commit {facts.commit}, {facts.date[:10]}."
    yield from _heading("", "measured", "")
    yield from (
        _row(each.target, each.value, "met" if each.outcome is Outcome.MET else "**missed**") for each in verdicts
    )
    yield from _heading("word error rate", "%", "errors in words")
    yield _errors(TEACHER, results.teacher)
    yield from (_errors(f"{VOICE}, {name}", errors) for name, errors in results.voice.items())
    yield from _sound(results)
    yield from _speed(results)


def _errors(name: str, errors: WordErrors) -> str:
    return _row(name, f"{100 * errors.rate:.2f}", f"{errors.errors} in {errors.words}")


def _sound(results: Results) -> Iterator[str]:
    yield from _heading("", "RMS, dBFS", "peak, dBFS", "silence before, s", "after, s")
    for name, sounding in results.sounding.items():
        level, silence = sounding.level, sounding.silence
        yield _row(name, f"{level.rms:.1f}", f"{level.peak:.1f}", f"{silence.before:.3f}", f"{silence.after:.3f}")
    if results.likeness:
        yield from _heading("mel spectra, beside the teacher's", "")
        yield _row("distance of the same sentence, dB", f"{results.likeness.same:.1f}")
        yield _row("of another sentence, dB", f"{results.likeness.other:.1f}")
        yield _row("duration", f"{results.likeness.duration:.3f}")


def _speed(results: Results) -> Iterator[str]:
    if results.speeds:
        yield from _heading("", "real-time factor", "audio a second, 16 at once", "first audio, ms")
    for name, speed in results.speeds.items():
        factor, first = f"{speed.real_time_factor:.3f}", f"{1000 * speed.first_audio:.0f}"
        yield _row(name, factor, f"{speed.together:.1f} s", first)


def _heading(*cells: str) -> Iterator[str]:
    yield ""
    yield _row(*cells)
    yield "|" + "---|" * len(cells)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
