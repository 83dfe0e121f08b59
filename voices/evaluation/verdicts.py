"""The targets of the voice, and whether it meets them."""

from collections.abc import Iterator

from measuring.verdicts import Verdict, verdict
from voices.evaluation.results import Results

REFERENCE = "pcm"
"""The format with which the others are compared."""
VOICE, TEACHER, FULL_SIZE = "the voice", "its teacher", "the full-size model"

_SENTENCES = 200
_WORST = 0.15
_BEHIND_TEACHER = 0.05
_BEHIND_REFERENCE = 0.03
_SEVERAL_TIMES = 3.0


def judge(results: Results) -> Iterator[Verdict]:
    """Yield a verdict on each target whose value was measured."""
    number = results.sentences
    yield verdict(f"at least {_SENTENCES} sentences that it has not been taught", str(number), met=number >= _SENTENCES)
    yield from _understood(results)
    if results.joins:
        joins = results.joins
        measured = f"{joins.at_joins:.4f}, elsewhere {joins.elsewhere:.4f}"
        yield verdict("no click at the joins of sentences", measured, met=joins.at_joins < joins.elsewhere)
    if results.speeds:
        voice, full = results.speeds[VOICE], results.speeds[FULL_SIZE]
        faster = voice.alone / full.alone
        yield verdict(
            "several times faster than the full-size model", f"{faster:.1f} times", met=faster >= _SEVERAL_TIMES
        )


def _understood(results: Results) -> Iterator[Verdict]:
    """Verdicts on the word error rates."""
    voice, teacher = results.voice[REFERENCE].rate, results.teacher.rate
    yield verdict(f"word error rate under {_WORST:.0%}", f"{voice:.1%}", met=voice < _WORST)
    behind = f"{100 * (voice - teacher):+.1f}"
    yield verdict("within 5 points of its teacher's", behind, met=voice - teacher <= _BEHIND_TEACHER)
    for name, errors in results.voice.items():
        if name != REFERENCE:
            behind = f"{100 * (errors.rate - voice):+.1f}"
            met = errors.rate - voice <= _BEHIND_REFERENCE
            yield verdict(f"{name} within 3 points of {REFERENCE}", behind, met=met)
