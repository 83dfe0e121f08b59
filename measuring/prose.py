"""Texts for benchmarks: generated English prose, the same in every run, in which no two sentences are alike."""

import random
from collections.abc import Iterator
from itertools import count

_SHORTEST, _LONGEST = 40, 200
_TOLERANCE = 8  # characters by which a sentence may differ from its intended length
_STRIDE = 53  # coprime with the number of lengths, so that consecutive texts are both short and long

_WHO = (
    "the old gardener", "a young doctor", "my neighbour", "the tall engineer", "her brother", "the night porter",
    "a quiet student", "the ferry captain", "our teacher", "the village baker", "a travelling actor", "the judge",
    "an honest farmer", "the new librarian", "his daughter", "the watchmaker", "a tired nurse", "the postman",
)  # fmt: skip
_DOES = (
    "repaired", "painted", "remembered", "described", "carried", "admired", "borrowed", "found", "measured",
    "ordered", "forgot", "sold", "watched", "wanted", "polished", "photographed", "collected", "promised",
)  # fmt: skip
_WHAT = (
    "the wooden gate", "a silver kettle", "three letters", "the broken lamp", "a map of the coast", "the blue bicycle",
    "an orange scarf", "the last loaf", "a heavy suitcase", "the garden wall", "two clocks", "a small telescope",
    "the piano", "a bag of apples", "the evening paper", "some dry firewood", "a wedding dress", "the spare key",
)  # fmt: skip
_WHERE = (
    "near the harbour", "behind the station", "in the morning", "before the storm", "at the market", "after dinner",
    "under the bridge", "by the river", "on a cold Sunday", "in the attic", "during the concert", "outside the school",
    "at the edge of town", "without a word", "across the street", "in the spring", "next to the mill", "at dawn",
)  # fmt: skip
_JOINS = (", and", ", while", " because", ", but", " before", " after", ", although", " until")


def sentences(number: int) -> list[str]:
    """Return `number` different sentences of 40 to 200 characters."""
    shortest, longest = _SHORTEST + _TOLERANCE, _LONGEST - _TOLERANCE
    lengths = (shortest + index * _STRIDE % (longest - shortest + 1) for index in count())
    return _different(lengths, number, seed="crowd")


def sentences_spoken_alone() -> list[str]:
    """Return a short and a medium sentence, for measurements that speak one text at a time."""
    return _different(iter((60, 120)), 2, seed="alone")


def long_sentences(number: int) -> list[str]:
    """Return `number` different sentences of almost the length at which a text is split."""
    return _different((285 for _ in count()), number, seed="long")


def short_text() -> str:
    """Return the sentence that `long_text` begins with, of about 60 characters."""
    return _different(iter((60,)), 1, seed="prose")[0]


def long_text(characters: int) -> str:
    """Return the most sentences that fit into `characters`; the first is `short_text`."""
    text = short_text()
    for sentence in sentences(characters // _SHORTEST):
        longer = f"{text} {sentence}"
        if len(longer) > characters:
            break
        text = longer
    return text


def _different(lengths: Iterator[int], number: int, seed: str) -> list[str]:
    """Return `number` sentences of about the given lengths, all different."""
    dice = random.Random(seed)  # noqa: S311 - texts, not secrets
    made: dict[str, None] = {}
    for length in lengths:
        made[_sentence(dice, length)] = None
        if len(made) == number:
            break
    return list(made)


def _sentence(dice: random.Random, length: int) -> str:
    """Return a sentence of about `length` characters."""
    while True:
        words = _clause(dice)
        while len(words) < length - 30:
            words += f"{dice.choice(_JOINS)} {_clause(dice)}"
        sentence = f"{words[0].upper()}{words[1:]}."
        if abs(len(sentence) - length) <= _TOLERANCE:
            return sentence


def _clause(dice: random.Random) -> str:
    clause = f"{dice.choice(_WHO)} {dice.choice(_DOES)} {dice.choice(_WHAT)}"
    return f"{clause} {dice.choice(_WHERE)}" if dice.randrange(2) else clause
