"""Sentences with other words: so a model hears many words where people say them, and cannot guess them."""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

WORD = re.compile(r"[a-z']+")
"""A word of a normalised sentence."""

_ENDINGS = ("ing", "ed", "ly", "er", "es", "s", "y", "e", "")
_KEPT = 150  # most frequent words, which carry the rhythm and the grammar
_REPLACED = 0.6  # of the other words
_USUAL = 6  # sentences that have a word make it usual, so that it may replace another


def with_other_words(frames: Sequence[str], words: Counter[str], draw: random.Random) -> Iterator[str]:
    """Yield each of `frames` with other words in it, which have the same endings; frequent words come more often.

    `words` counts the sentences that have each word.
    """
    ranked = [word for word, _ in words.most_common()]
    kept = frozenset(ranked[:_KEPT])
    others = _by_ending([word for word in ranked[_KEPT:] if _is_replaceable(word) and words[word] >= _USUAL])

    def replace(match: re.Match[str]) -> str:
        word = match[0]
        choice = others.get(_ending(word))
        if word in kept or not _is_replaceable(word) or not choice or draw.random() >= _REPLACED:
            return word
        return choice[int(len(choice) * draw.random() ** 2)]

    return (WORD.sub(replace, frame) for frame in frames)


def _by_ending(words: Sequence[str]) -> Mapping[str, list[str]]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for word in words:
        groups[_ending(word)].append(word)
    return groups


def _ending(word: str) -> str:
    return next(ending for ending in _ENDINGS if word.endswith(ending))


def _is_replaceable(word: str) -> bool:
    return len(word) > 2 and "'" not in word
