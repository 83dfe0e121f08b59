from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voices.corpus import ragged, shards

SENTENCES = [f"sentence {index}" for index in range(shards.SENTENCES + 3)]


@dataclass(frozen=True)
class Letters:
    """A text, and the codes of its letters."""

    text: str
    codes: NDArray[np.int32]


@dataclass(frozen=True)
class Pairs(Letters):
    """The same, and pairs of rows."""

    pairs: NDArray[np.float16]


def pairs(text: str) -> Pairs:
    codes = np.array([ord(letter) for letter in text], np.int32)
    return Pairs(text, codes, np.stack((codes, -codes), axis=1).astype(np.float16))


def spell(file: Path, sentences: Sequence[str]) -> None:
    ragged.write(file, [pairs(text) for text in sentences])


def test_items_are_read_as_they_were_written_and_in_order(tmp_path: Path) -> None:
    list(shards.make(tmp_path, SENTENCES, spell))
    loaded = shards.load(tmp_path, Pairs)
    assert [item.text for item in loaded] == SENTENCES
    for item in loaded:
        np.testing.assert_array_equal(item.codes, pairs(item.text).codes)
        np.testing.assert_array_equal(item.pairs, pairs(item.text).pairs)


def test_a_part_of_an_item_can_be_read_alone(tmp_path: Path) -> None:
    spell(tmp_path / "items.npz", SENTENCES[:2])
    loaded = ragged.read(tmp_path / "items.npz", Letters)
    assert [type(item) for item in loaded] == [Letters] * 2
    assert loaded[1].codes.tolist() == pairs(SENTENCES[1]).codes.tolist()


def test_a_shard_is_made_only_once(tmp_path: Path) -> None:
    assert list(shards.make(tmp_path, SENTENCES, spell))[::2] == [0, len(SENTENCES)]
    assert list(shards.make(tmp_path, SENTENCES, spell)) == [len(SENTENCES)]
    (tmp_path / "000000.npz").unlink()
    assert list(shards.make(tmp_path, SENTENCES, spell)) == [3, len(SENTENCES)]
