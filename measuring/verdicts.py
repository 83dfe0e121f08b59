"""Targets and verdicts: what was required, what was measured, and whether it is sufficient."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """Whether a target was met."""

    MET = "met"
    MISSED = "missed"
    UNKNOWN = "not measured"


@dataclass(frozen=True)
class Verdict:
    """A target with the value that was measured."""

    target: str
    value: str
    outcome: Outcome


def verdict(target: str, value: str, *, met: bool) -> Verdict:
    """Return the verdict on a value that was measured."""
    return Verdict(target, value, Outcome.MET if met else Outcome.MISSED)


def unknown(target: str) -> Verdict:
    """Return the verdict on a target whose value was not measured."""
    return Verdict(target, "", Outcome.UNKNOWN)


def at_least(target: str, value: float | None, bound: float, form: str) -> Verdict:
    """Judge a value that should be large, None if it was not measured; `form` formats it."""
    return unknown(target) if value is None else verdict(target, form.format(value), met=value >= bound)


def at_most(target: str, value: float | None, bound: float, form: str) -> Verdict:
    """Judge a value that should be small, None if it was not measured; `form` formats it."""
    return unknown(target) if value is None else verdict(target, form.format(value), met=value <= bound)
