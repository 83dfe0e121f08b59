"""The targets of the voice, and whether it meets them."""

from collections.abc import Iterator

from measuring.verdicts import Verdict, at_least, at_most, verdict
from voices.evaluation.results import Results, System, Understanding
from voices.evaluation.speeds import Speed

REFERENCE = "pcm"
"""The format with which the others are compared."""
TEACHER, BEFORE, VOICE, FULL_SIZE = "its teacher", "the voice before", "the voice", "the full-size model"

_SENTENCES = 256
_HARD_TEXTS = 100
_POINT = 0.01
_FASTER_THAN_FULL_SIZE = 3.0
_SLOWER_THAN_BEFORE = 1.5


def judge(results: Results) -> Iterator[Verdict]:
    """Yield a verdict on each target whose value was measured; the voice and its teacher must be measured."""
    voice, teacher = results.systems[VOICE], results.systems[TEACHER]
    number = results.sentences
    yield verdict(f"{_SENTENCES} sentences that it has not been taught", str(number), met=number >= _SENTENCES)
    yield from _understood(voice, teacher)
    yield from _variants(results)
    yield from _hard(results.hard_texts, voice.hard)
    yield from _sounding(voice, teacher)
    if results.joins:
        joins = results.joins
        measured = f"{joins.at_joins:.4f}, elsewhere {joins.elsewhere:.4f}"
        yield verdict("no click at the joins of sentences", measured, met=joins.at_joins < joins.elsewhere)
    yield from _fast(results.speeds)


def _understood(voice: System, teacher: System) -> Iterator[Verdict]:
    rate, behind = voice.held_out.errors.rate, voice.held_out.errors.rate - teacher.held_out.errors.rate
    yield at_most("at most 4 % of the words misheard", rate, 4 * _POINT, "{:.2%}")
    yield at_most("within 1.5 points of its teacher's", behind / _POINT, 1.5, "{:+.2f}")


def _variants(results: Results) -> Iterator[Verdict]:
    for name, errors in results.variants.items():
        if name != REFERENCE:
            behind = (errors.rate - results.variants[REFERENCE].rate) / _POINT
            yield at_most(f"{name} within 1.5 points of {REFERENCE}", behind, 1.5, "{:+.2f}")


def _hard(number: int, hard: Understanding) -> Iterator[Verdict]:
    yield at_least(f"{_HARD_TEXTS} hard texts", number, _HARD_TEXTS, "{}")
    yield at_most("at most 8 % of their words misheard", hard.errors.rate, 8 * _POINT, "{:.2%}")
    yield at_most("none of them that does not end", hard.unfinished, 0, "{}")
    yield at_most("none of them that repeats", hard.repeated, 0, "{}")


def _sounding(voice: System, teacher: System) -> Iterator[Verdict]:
    ours, theirs = voice.sounding, teacher.sounding
    yield at_least("Distill-MOS of 3.5 (4.0 is the goal)", ours.distill_mos, 3.5, "{:.2f}")
    yield at_least("P.808 of 3.6", ours.p808, 3.6, "{:.2f}")
    hoarser = abs(ours.voicing.harmonics_to_noise - theirs.voicing.harmonics_to_noise)
    yield at_most("harmonics to noise within 1.5 dB of its teacher's", hoarser, 1.5, "{:.1f} dB")
    flatter = abs(ours.voicing.pitch_deviation / theirs.voicing.pitch_deviation - 1)
    yield at_most("deviation of the pitch within 15 % of its teacher's", flatter, 0.15, "{:.0%}")
    # A sound of 24 kHz, such as a teacher's, ends with the transition band of its filter.
    yield at_least("sound up to 12 kHz", ours.reach / 1000, 11.9, "{:.1f} kHz")
    fewer = abs(ours.pauses.at_commas - theirs.pauses.at_commas) / _POINT
    yield at_most("pauses at commas within 10 points of its teacher's", fewer, 10, "{:.0f}")


def _fast(speeds: dict[str, Speed]) -> Iterator[Verdict]:
    if FULL_SIZE in speeds:
        faster = speeds[VOICE].alone / speeds[FULL_SIZE].alone
        yield at_least("several times faster than the full-size model", faster, _FASTER_THAN_FULL_SIZE, "{:.1f} times")
    if BEFORE in speeds:
        voice, before = speeds[VOICE], speeds[BEFORE]
        factor = voice.real_time_factor / before.real_time_factor
        first = voice.first_audio / before.first_audio
        for name, times in (("real-time factor", factor), ("first audio", first)):
            target = f"{name} at most {_SLOWER_THAN_BEFORE} times that of the voice before"
            yield at_most(target, times, _SLOWER_THAN_BEFORE, "{:.2f} times")
