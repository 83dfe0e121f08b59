import random
from collections import Counter

from voices.corpus.substitutions import _KEPT, with_other_words

FRAME = "the old painter's friend was walking slowly, and he sold a house!"


def words() -> Counter[str]:
    frequent = [f"frequent{index}" for index in range(_KEPT - 4)] + ["the", "was", "and", "he"]
    others = dict.fromkeys(("walking", "singing", "slowly", "sadly", "friend", "cloud"), 9)
    return Counter(dict.fromkeys(frequent, 1000) | others | {"roofing": 1})


def made(seed: int) -> list[str]:
    return list(with_other_words([FRAME] * 200, words(), random.Random(seed)))


def test_words_are_replaced_by_others_with_the_same_ending() -> None:
    heard = {sentence.split()[5] for sentence in made(1)}
    assert heard == {"walking", "singing"}
    assert {sentence.split()[6] for sentence in made(1)} == {"slowly,", "sadly,"}


def test_frequent_and_short_words_marks_and_words_without_another_stay() -> None:
    for sentence in made(1):
        left = sentence.split()
        assert [left[at] for at in (0, 2, 4, 7, 8, 10)] == ["the", "painter's", "was", "and", "he", "a"]
        assert sentence.endswith("!")


def test_the_same_seed_gives_the_same_and_another_one_others() -> None:
    assert made(1) == made(1) != made(2)
