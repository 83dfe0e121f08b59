"""Reads a text with rules, as the text stage applies them."""

from collections.abc import Iterable

from text.aligned_text import AlignedText
from text.verbalization.rule import Rule


def say(rules: Iterable[Rule], text: str) -> str:
    """Return a text in which each rule has put its matches into words, in order."""
    aligned = AlignedText.of(text)
    for rule in rules:
        aligned = aligned.sub(rule.pattern, rule.say)
    return aligned.text
