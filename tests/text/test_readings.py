"""Everyday texts are read as a person reads them, and plain prose exactly as upstream's normaliser does."""

import pytest

from measuring.reading_cases import ReadingCase, prose, reading_cases
from text.options import AS_SPOKEN
from text.reading import read
from text.sentences import split_sentences
from text.upstream import text_normalizer

ARGUED = {
    "abbr.rental": '"apt." and "avail." without a number are words too: "an apt. remark", "to no avail."',
}
"""Cases that are not read right, and why."""


@pytest.mark.parametrize("case", reading_cases(), ids=lambda case: case.kind)
def test_everyday_texts_are_read_as_a_person_reads_them(case: ReadingCase) -> None:
    spoken = " ".join(sentence.text for sentence in split_sentences(case.written))
    assert case.is_right(spoken) != (case.kind in ARGUED), spoken


def test_plain_prose_is_upstreams() -> None:
    sentences = prose()
    assert len(set(sentences)) == 1000
    for sentence in sentences:
        (passage,) = read(sentence, AS_SPOKEN)
        assert passage.text.text == text_normalizer.clean_text(sentence)
        assert not passage.tags
