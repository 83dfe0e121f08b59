import re
from random import Random

import pytest

from measuring.reading_cases import letters, prose, reading_cases
from text.errors import InvalidText
from text.growing_text import CONTEXT, STRETCH, GrowingText
from text.options import ReadingOptions
from text.sentences import LONGEST_SENTENCE, ReadSentence, Sentence, read_sentences, split_sentences

LONG = "That was all that he had in his pocket."
CODE = "print(x.y)\n\nreturn x.y\n"
OTHER_CODE = "print(x.y)\n```\n"


def written(text: str, *, pieces: list[str] | None = None, previous_text: str = "") -> list[Sentence]:
    """What is found when a text comes piece by piece, by default character by character, and ends."""
    growing = GrowingText(previous_text=previous_text)
    found: list[Sentence] = []
    for piece in pieces or text:
        growing.append(piece)
        found += growing.settled()
    growing.end()
    while growing.waiting:
        found += growing.settled()
    return found


def words(text: str) -> list[str]:
    """The text word by word, as a language model writes it."""
    return re.findall(r"\S*\s*", text)[:-1]


def paragraphs(random: Random, count: int = 4) -> str:
    sentences = prose()
    return "\n\n".join(" ".join(random.sample(sentences, random.randint(1, 5))) for _ in range(count))


def without_pause(sentences: list[Sentence]) -> list[tuple[str, int, int, float]]:
    return [(each.text, each.start, each.end, each.pause_before) for each in sentences]


@pytest.mark.parametrize("seed", range(12))
def test_pieces_give_the_sentences_of_the_whole(seed: int) -> None:
    text = paragraphs(Random(seed))
    assert without_pause(written(text, pieces=words(text))) == without_pause(split_sentences(text))


def test_single_characters_do_too() -> None:
    text = paragraphs(Random(99), 2)
    assert written(text) == split_sentences(text)


@pytest.mark.parametrize("case", reading_cases()[::5], ids=lambda case: case.kind)
def test_what_is_written_in_pieces_is_read_as_the_whole(case: object) -> None:
    text = f"{prose()[0]} {case.written}\n\n{prose()[1]}"  # type: ignore[attr-defined]
    assert without_pause(written(text, pieces=words(text))) == without_pause(split_sentences(text))


MARKED = pytest.mark.parametrize(
    "text",
    [
        f"Before it.\n```python\nprint('a. b')\n\nx = 5\n```\n{LONG} {LONG}",
        f"| a | b |\n|---|---|\n| One is enough. | Two is better for it. |\n\n{LONG} {LONG}",
        f"**Important. Do this now.** {LONG} **{LONG}** {LONG}",
        f'Wait. <sub alias="A thing. Long">x</sub> is that. {LONG} {LONG}',
        f"Go on. [pause:1.5s] {LONG} [pause:1s]\n\n{LONG} {LONG}",
        f"# A title\n\n{LONG}\n\n## Another\n\n- one\n- two\n\n{LONG}",
        f'"Why?" he asked. "Because," she said. {LONG} "Never!" {LONG}',
        "It is a truth that in those days was universally known, and that\nLondon did not doubt. "
        f"For years they\nhad lived in Baker Street with all of that,\nand never left it once. {LONG}\n\n{LONG}",
    ],
)


@MARKED
def test_marks_that_span_sentences_are_read_as_in_the_whole(text: str) -> None:
    assert without_pause(written(text)) == without_pause(split_sentences(text))
    assert without_pause(written(text, pieces=words(text))) == without_pause(split_sentences(text))


def assert_goes_on_from_each_sentence(text: str) -> None:
    sentences = without_pause(split_sentences(text))
    for index, (_, _, end, _) in enumerate(sentences):
        found = without_pause(written(text[end:], pieces=words(text[end:]), previous_text=text[:end][-CONTEXT:]))
        assert [(said, start + end, stop + end, pause) for said, start, stop, pause in found] == sentences[index + 1 :]


@pytest.mark.parametrize(
    "text",
    [
        f"He left (he had to do so at once. {LONG} {LONG}) and never came back. {LONG}",
        f"{LONG} ({LONG}) " * 20,
        f"{LONG}\n\nit was of no use to me\nand she began almost to feel it\nin all of that\n\n{LONG}",
        "With our coats drawn about our shoulders, we now passed the lamp from one to the other, till slowly there "
        "grew over us a blue hanging canopy of smoke, lit by the flame of the new lamp, and an early frost killed the "
        f"grapes on the lower slopes, and they left the dough in a warm place until it had doubled in size. {LONG}",
        f"{LONG}\n\n```python\n{CODE * 80}```\n\n{LONG} Do go\non. {LONG}",
        f"~~~\n{OTHER_CODE * 80}~~~\n\n{LONG} Do go\non. {LONG}",
        f"{LONG}\n\n1. The old road that leads to the house of the\n2. {LONG}\n3. {LONG}\n\n{LONG} {LONG}",
        "Never had she known that he would have to leave\r\nLondon; but after the first of them she was in debt\r\nto "
        f"the masters for the names of the places which they\r\nhad in their great book; so it went on. {LONG} {LONG}",
    ],
)
def test_lines_brackets_and_code_are_read_as_in_the_whole(text: str) -> None:
    assert without_pause(written(text)) == without_pause(split_sentences(text))
    assert without_pause(written(text, pieces=words(text))) == without_pause(split_sentences(text))


@MARKED
def test_marks_go_on_after_what_was_spoken_already(text: str) -> None:
    assert_goes_on_from_each_sentence(text)


@pytest.mark.parametrize("seed", range(3))
def test_a_text_goes_on_after_what_was_spoken_already(seed: int) -> None:
    assert_goes_on_from_each_sentence(paragraphs(Random(seed)))


def test_a_sentence_is_settled_as_soon_as_no_short_one_can_follow() -> None:
    text = GrowingText()
    text.append(f"{LONG} Yes. This sentence has thirty chara")
    assert text.settled() == []
    text.append("cters")
    assert text.settled() == []
    text.append(", or so.")
    assert [each.text for each in text.settled()] == [f"{LONG.lower()} yes."]


@pytest.mark.parametrize("text", [f"{LONG} ", f"{LONG[:-1]}! ", f'He said: "{LONG}" ', f"{LONG}\n", f"{LONG} Then "])
def test_an_end_that_is_written_is_found_at_once(text: str) -> None:
    growing = GrowingText()
    sentence = split_sentences(text.removesuffix("Then "))[0].text
    growing.append(text)
    assert growing.settled() == []
    assert growing.expected() == growing.expected()
    expected = growing.expected()
    assert expected is not None
    assert expected.text == sentence
    assert [each.text for each in growing.complete()] == [sentence]
    assert growing.expected() is None


@pytest.mark.parametrize(
    "text",
    [
        "We saw old Dr. ",
        "We saw Mr. J. ",
        'He cried "Why?" he ',
        "That is about 3.",
        "They lived on St. ",
        LONG,
        "We met ",
    ],
)
def test_what_may_go_on_is_not_complete(text: str) -> None:
    growing = GrowingText()
    growing.append(text)
    assert growing.expected() is None
    assert growing.complete() == []


@pytest.mark.parametrize(
    ("text", "count"), [(LONG, 1), ("That is about 3.", 0), ("That is about 3. ", 1), ("We met", 0)]
)
def test_when_the_writer_stops_a_full_stop_is_an_end(text: str, count: int) -> None:
    growing = GrowingText()
    growing.append(text)
    assert len(growing.complete(stopped=True)) == count


def test_a_clause_ends_where_a_reader_breathes() -> None:
    growing = GrowingText()
    growing.append("When she came back to the house in the evening of May 5, 2024, with 1,000 of them, she did not kn")
    (clause,) = growing.clause()
    assert clause.text.endswith("one thousand of them,")
    growing.append("ow it.")
    growing.end()
    (rest,) = growing.settled()
    assert rest.text == "she did not know it."
    assert growing[slice(rest.start, rest.end)] == "she did not know it."


def test_a_short_clause_is_none() -> None:
    growing = GrowingText()
    growing.append("When she came back, she did not kn")
    assert growing.clause() == []


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_taken_early_nothing_is_lost_or_said_twice(seed: int) -> None:
    random = Random(seed)
    text = paragraphs(random)
    growing = GrowingText()
    found: list[Sentence] = []
    for word in words(text):
        growing.append(word)
        found += growing.settled()
        if random.random() < 0.1:
            found += growing.clause() if random.random() < 0.5 else growing.complete(stopped=random.random() < 0.5)
    growing.end()
    found += growing.settled()
    assert letters("".join(each.text for each in found)) == letters("".join(s.text for s in split_sentences(text)))
    assert all(len(each.text) <= LONGEST_SENTENCE for each in found)
    ends = [0, *(each.end for each in found)]
    assert all(end <= each.start < each.end for end, each in zip(ends, found, strict=False))


def test_a_flush_speaks_what_is_there() -> None:
    growing = GrowingText()
    growing.append("Well, I")
    growing.flush()
    assert [each.text for each in growing.settled()] == ["well, i."]
    growing.append(" think so.")
    growing.flush()
    growing.flush()
    assert [each.text for each in growing.settled()] == ["think so."]
    assert growing.settled() == []


def test_what_is_cleared_is_not_spoken() -> None:
    growing = GrowingText()
    growing.append(f"{LONG} Never mi")
    growing.flush()
    growing.clear()
    growing.append(f"nd. {LONG}")
    growing.end()
    (sentence,) = growing.settled()
    assert sentence.text == f"nd. {LONG.lower()}"
    assert growing[slice(sentence.start, sentence.end)] == f"nd. {LONG}"


@pytest.mark.parametrize(("text", "seconds"), [("Stay. [pause:2s]", 2.0), ("Stay.", 0.0), ("[pause:2s]", 0.0)])
def test_a_pause_at_the_end_is_kept(text: str, seconds: float) -> None:
    growing = GrowingText()
    growing.append(text)
    growing.complete()
    growing.end()
    assert all(each.pause_after == 0.0 for each in growing.settled())
    assert growing.pause_after == seconds


@pytest.mark.parametrize("reads", [0, 1])
def test_a_flush_does_not_lose_the_pause_at_the_end(reads: int) -> None:
    growing = GrowingText()
    growing.append("Stay. [pause:2s]")
    growing.flush()
    found = [sentence for _ in range(reads) for sentence in growing.settled()]
    growing.end()
    while growing.may_have_settled:
        found += growing.settled()
    assert [each.text for each in found] == ["stay."]
    assert growing.pause_after == 2.0


def test_a_pause_is_not_heard_twice() -> None:
    growing = GrowingText()
    growing.append(f"{LONG} [pause:2s] ")
    found = growing.complete()
    growing.append(LONG)
    growing.end()
    found += growing.settled()
    assert [each.pause_before for each in found] == [0.0, 2.0]


def test_a_pause_that_is_too_long_is_refused() -> None:
    growing = GrowingText()
    growing.append("Stay. [pause:20s] ")
    growing.end()
    with pytest.raises(InvalidText, match="too long"):
        growing.settled()


def test_much_text_at_once_is_read_stretch_by_stretch() -> None:
    text = " ".join(prose()[:300])
    assert len(text) > 5 * STRETCH
    growing = GrowingText()
    growing.append(text)
    found: list[Sentence] = []
    while taken := growing.settled():
        assert sum(len(each.text) for each in taken) <= 2 * STRETCH
        found += taken
    growing.end()
    found += growing.settled()
    assert found == split_sentences(text, max_characters=len(text))


@pytest.mark.parametrize("text", ["word " * 5000, "a" * 20_000, "… " * 9000, "Dr. " * 5000, "(" * 9000, "\n" * 9000])
def test_what_never_ends_is_bounded(text: str) -> None:
    found = []
    growing = GrowingText()
    for start in range(0, len(text), 500):
        growing.append(text[start : start + 500])
        found += growing.settled()
        assert growing.waiting <= 2 * STRETCH
    assert all(len(each.text) <= LONGEST_SENTENCE for each in found)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of what is read."""
    lengths: list[int] = []

    def noted(source: str, options: ReadingOptions) -> list[ReadSentence]:
        lengths.append(len(source))
        return read_sentences(source, options)

    monkeypatch.setattr("text.growing_text.read_sentences", noted)
    return lengths


def test_what_settles_late_is_not_read_at_each_word(read: list[int]) -> None:
    for text in ("\n".join(f"- {sentence}" for sentence in prose()[:60]), "Go on. " * 800):
        read.clear()
        written(text)
        assert sum(read) < 100 * len(text)


@pytest.mark.parametrize("stopped", [False, True])
def test_an_end_is_looked_for_in_few_places(read: list[int], *, stopped: bool) -> None:
    growing = GrowingText()
    growing.append("Dr. " * 900)
    assert growing.complete(stopped=stopped) == []
    assert len(read) < 12


def test_old_text_is_forgotten() -> None:
    growing = GrowingText()
    text = " ".join(prose()[:100]) + " "
    count = 0
    for _ in range(50):
        growing.append(text)
        while found := growing.settled():
            count += len(found)
            last = found[-1]
    assert len(growing) == 50 * len(text)
    assert len(growing._source) < 400_000
    assert growing[slice(last.start, last.end)].lower().startswith(last.text[:5])
    assert count > 4000
