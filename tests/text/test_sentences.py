import contextlib
import re
import string
import warnings
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from perf.load_generators.hostile_text import FRAGMENTS
from tests.text.processor_time import processor_seconds
from text.errors import InvalidText
from text.sentences import (
    LONGEST_SENTENCE,
    MAX_CHARACTERS,
    SPOKEN_PER_CHARACTER,
    Sentence,
    split_sentences,
    spoken_sentences,
)

# Texts for which upstream raises, hangs, loses or damages words, and the expected result.
TROUBLE = [
    ("$,1", "one dollar."),
    ("7" * 37, " ".join(["seven"] * 37) + "."),
    ("1," * 36 + "1", ", ".join(["one"] * 37) + "."),
    ("[note]here", ", note, here."),
    ("(a)b {c}d", ", a, b, c, d."),
    ("half (50)% of it", "half, fifty, percent of it."),
    ("f(x)=y", "f of x equals y."),
    ("(so)$5 (and)#1", ", so, five dollars, and, number one."),
    ("Call (123)456-7890", "call one two three, four five six, seven eight nine zero."),
    ("word (never closed", "word never closed."),
    ("word(never closed", "word never closed."),
    ("one\ttwo\vthree\ffour", "one two three four."),
    ("old\rMac", "old. mac."),
    ("£5", "five pounds."),
    ("£1 and £2.50", "one pound and two pounds, fifty pence."),
    ("£1,000.00", "one thousand pounds."),
    ("£5m or £1.5 billion", "five million pounds or one point five billion pounds."),
    ("€3.01 or ¥100", "three euros, one cent or one hundred yen."),
    ("pay in £", "pay in pounds."),
    ("12:34:56", "twelve thirty-four fifty-six."),
    ("12:34:00", "twelve thirty-four."),
    ("12:34:05", "twelve thirty-four oh five."),
    ("12:05:30", "twelve oh five thirty."),
    ("12:00:00", "twelve o'clock."),
    ("00:12:34", "zero twelve thirty-four."),
    ("wow😀great", "wow great."),
    ("cafe\u0301s", "cafes."),
    ("this|that", "this that."),
    ('he said"hello"', "he said hello."),
    ("C#5", "c number five."),
    ("⠓⠑⠇⠇⠕ hi ⣿⣿⣿", "hi."),
    ("┌──┐\n│ a│\n└──┘", "a."),
    ("█▓▒░ 50%", "fifty percent."),
    ("▶ Play ■5 ▼ ◯", "play five."),
    ("✓ done ❶ one ✱5", "done one five."),
    ("one\u0489 two", "one two."),
    ("10 → 20", "ten, twenty."),
    ("A→B", "a, b."),
    ("→ Click here ←", "click here."),
    ("Yes.\n→ Next\n↓ ↓ ↓\nEnd", "yes. next. end."),
    ("> quoted\n> > twice\n>none\n>\nanswer", "quoted. twice none. answer."),
    ("> 50 kg", "greater than fifty kilograms."),
    ("hi > > > > there", "hi there."),
    ("Title\n=====\ntext\n~~~~~", "title. text."),
    ("a ___ b ***** c ##### d ||| e <<< f", "a b c d e f."),
    ("Title\n-------\ntext - - - more ---- still -- here", "title. text more still -- here."),
    ("so $$$ dear, '''very''' dear", "so dear, very dear."),
    ("what %%% is @@@ this \\\\\\ and ///", "what is this and."),
    ("a --> b <== c <=> d -=-=-=- e", "a b c d e."),
    ("+---+---+\n| a | b |\n+---+---+", "a, b."),
    ("some ~~struck~~ and ==marked== words", "some struck and marked words."),
    ("« Bonjour », dit-il. 《Yes》", "bonjour, dit-il. yes."),
    ("♔♚ ♥♥", "white king black king hearts hearts."),
    ("lone \ud800 surrogate", "lone surrogate."),
    ("nul\x00 character", "nul character."),
]

UNSPEAKABLE = [
    "",
    " \t\n",
    "😀🎉",
    "...",
    "()",
    "#",
    "***",
    '""',
    "“”",
    "'",
    "-",
    "- " * 100,
    "\x00\x07",
    "\ue000",
    "\ud800",
    "⣿" * 4096,
    "> " * 2048,
    "=" * 4096,
    "→ ─ █ ■",
]

WORST_CASES = {
    "digits": ("9", 12_000),
    "digits and commas": ("1,", 12_000),
    "commas": ("1" + "," * 999, 40_000),
    "one word": ("ab", 40_000),
    "open brackets": ("(", 40_000),
    "open brackets apart": ("( a ", 40_000),
    "brackets around phone numbers": ("(1,23) 456-7890(", 12_000),
    "times that lose their colons": ("0:00", 40_000),
    "capitals": ("A" * 50 + "_", 40_000),
    "numbers": ("7 ", 12_000),
    "dollars": ("$,", 40_000),
    "numbers without a name": ("9" * 36 + "$" + "9" * 36 + " ", 12_000),
    "short sentences": ("No. ", 40_000),
    "sentences in a word": ("a!", 40_000),
    "symbols heard as words": ("%", 40_000),
    "dots": ("...,", 40_000),
    "lines": ("a\n", 40_000),
    "Han": ("你", 20_000),
    "Braille": ("a⣿", 40_000),
    "arrows": ("→ ", 40_000),
    "arrows without an end": ("a→", 40_000),
    "quote marks": ("> ", 40_000),
    "dashes": ("-", 40_000),
    "dashes of arrows": ("<--- ", 40_000),
    "table edges": ("+--", 40_000),
    "ornaments": ("=-=~", 40_000),
    "spaces": ("a" + " " * 999, 40_000),
    "fractions": ("½", 3_000),
}


def heard(text: str) -> list[str]:
    return [sentence.text for sentence in split_sentences(text)]


def written(text: str) -> list[str]:
    return [text[sentence.start : sentence.end] for sentence in split_sentences(text)]


def assert_well_formed(text: str, sentences: list[Sentence]) -> None:
    """Check the invariants of the sentences of any text."""
    assert sentences
    start = 0
    for sentence in sentences:
        assert len(sentence.text) <= LONGEST_SENTENCE
        assert re.fullmatch(r"[a-z0-9 !$%&'*,.?-]+", sentence.text)
        assert re.search("[a-z0-9]", sentence.text)
        assert sentence.text == sentence.text.strip()
        span = text[sentence.start : sentence.end]
        assert span
        assert span == span.strip()
        assert start <= sentence.start < sentence.end <= len(text)
        start = sentence.start


# Repairs


@pytest.mark.parametrize(("text", "expected"), TROUBLE)
def test_trouble_is_repaired(text: str, expected: str) -> None:
    assert " ".join(heard(text)) == expected


@pytest.mark.parametrize("text", UNSPEAKABLE)
def test_a_text_with_nothing_to_speak_is_the_callers_error(text: str) -> None:
    with pytest.raises(InvalidText):
        split_sentences(text)


def test_an_empty_text_is_called_empty() -> None:
    for text in ("", " \n"):
        with pytest.raises(InvalidText, match="The text is empty"):
            split_sentences(text)


def test_too_long_a_text_says_how_long_it_may_be() -> None:
    assert split_sentences("a" * MAX_CHARACTERS)
    with pytest.raises(InvalidText, match="has 10001 characters; at most 10000"):
        split_sentences("a" * (MAX_CHARACTERS + 1))
    with pytest.raises(InvalidText, match="at most 5 are"):
        split_sentences("Hello!", max_characters=5)


def repeated(write: Callable[[Random], str], length: int = MAX_CHARACTERS) -> str:
    """Return a text of `length` characters; `write` makes a part of it."""
    random = Random(1)
    return "".join(write(random) for _ in range(length))[:length]


@pytest.mark.parametrize(
    "text",
    [
        repeated(lambda random: f"Item {random.randrange(100)} costs ${random.uniform(1, 9999):.2f} today. "),
        repeated(lambda random: f"{random.randrange(100, 999)}-555-{random.randrange(1000, 9999)}, "),
        repeated(lambda random: f"{random.randrange(1800, 2030)}, "),
        repeated(lambda random: f"{random.randrange(10**7)} ", 4096),
        repeated(lambda random: f"${random.uniform(1, 9999):.2f}, ", 4096),
    ],
    ids=["prose with prices", "phone numbers", "years", "numbers", "prices"],
)
def test_everyday_text_is_never_too_long_to_be_spoken(text: str) -> None:
    assert split_sentences(text)


@pytest.mark.parametrize("unit", ["7" * 36 + " ", "♞", "a<="])
def test_too_long_a_reading_is_refused_with_its_length(unit: str) -> None:
    text = (unit * MAX_CHARACTERS)[:MAX_CHARACTERS]
    with pytest.raises(
        InvalidText, match=r"Read aloud, the text has [0-9]+ characters, about [0-9]+ minutes; at most 4000"
    ):
        split_sentences(text)


def test_the_spoken_length_is_that_of_all_sentences() -> None:
    text = "He counted 7 of them, not 77. She did not count them at all!"
    spoken = sum(map(len, heard(text)))
    assert len(split_sentences(text, max_spoken=spoken)) == 2
    with pytest.raises(InvalidText, match=f"has {spoken} characters, about 0 minutes; at most {spoken - 1} are"):
        split_sentences(text, max_spoken=spoken - 1)


def test_repeated_short_sentences_are_merged_only_up_to_the_longest_sentence() -> None:
    sentences = heard("No. " * 300)
    assert " ".join(sentences) == " ".join(["no."] * 300)
    assert [300 < len(sentence) <= LONGEST_SENTENCE for sentence in sentences] == [True, True, True, False]


@pytest.mark.parametrize("text", ["ab" * 5000, "ba" * 100 + " " + "ab" * 200, '73"' * 2000, "73'" * 2000, "A" * 5000])
def test_long_words_are_broken_not_spelled(text: str) -> None:
    sentences = heard(text)
    pieces = " ".join(sentences).split()
    assert max(map(len, pieces)) <= 100
    assert min(map(len, sentences)) > 1


def test_every_letter_of_a_long_word_is_spoken() -> None:
    word = string.ascii_lowercase * 40
    assert "".join(heard(word)).replace(" ", "") == word + "."


def test_a_number_without_a_name_leaves_the_others_alone() -> None:
    result = " ".join(heard(f"Take 12 of {'1' * 37} at 70"))
    assert result.startswith("take twelve of one one one")
    assert result.endswith("one at seventy.")


def test_a_long_number_does_not_keep_others_from_being_read_across_words() -> None:
    assert ", three times four, one two three, four five six, seven" in " ".join(
        heard("7" * 40 + ", 3 * 4, 123 456 7890")
    )


@pytest.mark.parametrize(("unit", "length"), WORST_CASES.values(), ids=WORST_CASES)
def test_time_is_linear_for_the_worst_texts(unit: str, length: int) -> None:
    """For a text four times as long, quadratic time would be 16 times as long."""
    text = (unit * length)[:length]
    assert _seconds(text) < 8 * _seconds(text[: length // 4]) + 0.2


def _seconds(text: str) -> float:
    def read() -> None:
        with contextlib.suppress(InvalidText):
            assert_well_formed(text, split_sentences(text, max_characters=len(text), max_spoken=20 * len(text)))

    return processor_seconds(read)


rough = st.text(
    alphabet=st.sampled_from("09a Bb1.,:;!?()[]{}$£€%#-/*+<>=~_'\"\t\n&@|\\\u2014→─■«⣿😀中\ud800\x00\u05d0"),
    max_size=150,
)


@settings(deadline=None)
@given(st.text() | rough | st.lists(rough | st.text(), max_size=30).map(" ".join))
def test_any_text_is_spoken_or_invalid(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            sentences = split_sentences(text)
        except InvalidText:
            return
    assert_well_formed(text, sentences)


hostile = st.lists(
    st.tuples(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=3).map("".join), st.integers(1, 300)),
    min_size=1,
    max_size=5,
).map(lambda parts: "".join(fragment * times for fragment, times in parts)[:MAX_CHARACTERS])


@settings(deadline=None)
@given(hostile)
def test_hostile_text_keeps_every_promise_or_is_invalid(text: str) -> None:
    """`python -m perf text-fuzz` tests more texts of this kind."""
    with contextlib.suppress(InvalidText):
        sentences = split_sentences(text)
        assert_well_formed(text, sentences)
        assert sum(len(sentence.text) for sentence in sentences) <= SPOKEN_PER_CHARACTER * MAX_CHARACTERS


plain_words = st.text(string.ascii_lowercase, min_size=5, max_size=12).filter(
    # Triple letters are collapsed, and "1stop" begins with an ordinal.
    lambda word: not re.search(r"(.)\1\1|^(st|nd|rd|th)", word)
)


@settings(deadline=None)
@given(plain_words, rough, plain_words)
def test_no_word_is_dropped(first: str, noise: str, last: str) -> None:
    assume(not (noise.endswith("\\") and last.startswith("n")))  # an end of a line, escaped twice
    result = " ".join(heard(first + noise + last))
    assert first in result
    assert last in result


# Spans


def test_one_sentence_spans_the_trimmed_text() -> None:
    assert written("  \n Say $5, please! 🎉 \t") == ["Say $5, please!"]


@pytest.mark.parametrize(
    "marked",
    [
        "It was the best of times for everyone. ¦It was the worst of times for everyone.",
        "It all cost us exactly $1,234.56 in the end... ¦37 people came to it on 5/6/2024. ¦12 had to pay £5, 7 not.",
        "He lived in the old house with Mrs. Smith etc. ¦Dr. Jones and Mrs. Smith live at No. 7 as well.",
        "He told us all about it in 1999. ¦1999 was a very good year for wine; 2000 was not.",
        "\"Do you really want to go there?\" ¦“Of course I do, what do you think?” ¦(They went there in the very end.)",
        "A heading that has no full stop\n¦Another line without any stop at 12:30\r\n\r\n¦3 more lines, said the API",
        "The API and the CPU are a part of it. ¦A GPU is a part of it, I think. ¦A CLI is not any part of it at all.",
        "This is how we made the public API. ¦A client sends whatever it wants to it.",
        "We would all have liked to have 12. ¦Then there were no more than twelve of them.",
        "我的名字叫李明，我来自北京。¦你叫什么名字，你住在什么地方？¦我们明天早上一起去看电影好吗？",
        "Der Bär fuhr für fünf Tage nach Köln… ¦Wie schön wäre es, wenn er bliebe? ¦Ça alors, dit-il à sa mère ravie.",
        "Write to jane.doe@example.com by 17:45! ¦See https://example.com/a/b?c=d&e=f for the whole story.",
        "One and two make three, they told us:¦ 1 + 2 = 3; and 100% - 50% = 50% as well. ¦What is 3 * 4, and 7 / 2?",
    ],
)  # fmt: skip
def test_spans_are_the_sentences_as_written(marked: str) -> None:
    """Every `¦` marks a boundary."""
    assert written(marked.replace("¦", "")) == [sentence.strip() for sentence in marked.split("¦")]


def test_what_is_silent_between_sentences_belongs_to_none() -> None:
    first = "We all went out to celebrate it 🎉! 🎈 Then we all went home to sleep."
    text = f"{first}\n\n---\n\n## The day **after it** was a very quiet one.\n"
    assert written(text) == [
        "We all went out to celebrate it 🎉!",
        "Then we all went home to sleep.",
        "The day **after it** was a very quiet one.",
    ]


simple_sentences = st.lists(st.text(string.ascii_lowercase, min_size=2, max_size=10), min_size=12, max_size=20).map(
    lambda words: f"{' '.join(words).capitalize()} now."
)


@settings(deadline=None)
@given(st.lists(simple_sentences, min_size=1, max_size=10), st.sampled_from([" ", "  ", "\n", "\n\n"]))
def test_spans_of_simple_prose_are_exactly_its_sentences(sentences: list[str], space: str) -> None:
    assert written(space.join(sentences)) == sentences


def test_boundaries_follow_the_punctuation_if_no_words_sound_alike() -> None:
    sentences = ["55 34 77, 99 42 44.", "31 22 33 44 55!", "21 41 51, 61 71 81?", "23 45 67 89 64"]
    assert written(" ".join(sentences)) == sentences


def test_parts_of_one_long_word_have_their_own_spans() -> None:
    text = string.ascii_lowercase * 40
    assert len(written(text)) > 1
    assert "".join(written(text)) == text
    assert min(map(len, written(text))) >= 100


def test_a_bracket_goes_with_what_it_encloses() -> None:
    for span in written("(sentence) " * 60):
        assert span.startswith("(")
        assert span.endswith(")")


@pytest.mark.parametrize("text", [text for text, _ in TROUBLE] + ["100% & *more* $5 - don't, 'why'?"])
def test_a_sentence_that_was_split_off_can_be_spoken(text: str) -> None:
    sentences = [sentence.text for sentence in split_sentences(text)]
    lines = "\n".join(sentences)
    again = spoken_sentences(lines)
    assert [each.text for each in again] == sentences
    assert [lines[each.start : each.end] for each in again] == sentences


@pytest.mark.parametrize("text", ["", "...", "Hello.", "café", "one\n\ntwo", "one\nTwo", "a" * (LONGEST_SENTENCE + 1)])
def test_what_was_not_split_off_is_no_sentence(text: str) -> None:
    with pytest.raises(InvalidText, match="one sentence a line"):
        spoken_sentences(text)
