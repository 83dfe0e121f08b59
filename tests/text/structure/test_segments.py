import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perf.load_generators.hostile_text import FRAGMENTS
from tests.text.processor_time import processor_seconds
from text.errors import InvalidText
from text.structure.segments import Segment, segments

LETTER = """\
# A *title*

Dear &quot;Anna&quot;,\r
thank you for the **very** kind [letter](https://a.b/c), which
I <b>read</b>\u00a0in\tthe gar-
den. 😊 [pause:1s] Here is:

1. tea, `milk` and “honey”;
2) all in <i>one</i>\u200b\u2028> cup:

| size | price |
|------|-------|
| one  | much  |

<speak>Yours<break/>me</speak>
"""
LETTER_WORDS = (
    "A title Dear Anna thank you for the very kind letter which I read in the garden Here is 1 tea milk and honey"
    " 2 all in one cup size price one much Yours me"
)


UNWANTED = re.compile(
    r"[\t\r\x00\u00a0\u200b\u2028\u2e3b\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff]|\n\n|  | \n|\n "
)


def assert_well_formed(source: str, found: list[Segment]) -> None:
    """Check the promises about the segments of any text."""
    last = 0
    for index, segment in enumerate(found):
        text = segment.text
        assert text.text
        assert text.text == text.text.strip()
        assert not re.search(
            r"[\t\r\x00\u00a0\u200b\u2028\u2e3b\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff]", text.text
        )
        assert not re.search(r"\n\n|  | \n|\n ", text.text)
        assert len(text.text) == len(text.starts) == len(text.ends)
        for start, end in zip(text.starts, text.ends, strict=True):
            assert last <= start <= end <= len(source)
            last = start
        assert segment.pause_before >= 0
        assert segment.pause_before or index == 0
        assert not segment.pause_after or index == len(found) - 1


def test_every_word_stands_for_itself() -> None:
    words, spans = [], []
    for segment in segments(LETTER):
        for word in re.finditer(r"\w+", segment.text.text):
            words.append(word[0])
            spans.append(LETTER[slice(*segment.text.span(*word.span()))])
    assert " ".join(words) == LETTER_WORDS
    assert [span.replace("gar-\nden", "garden") for span in spans] == words


def test_a_rewritten_part_stands_for_all_of_it() -> None:
    source = 'See <sub alias="the web">WWW</sub> or $x^2$ &amp; more'
    text = segments(source)[0].text
    assert text.text == "See the web or x squared & more"
    for said, written in [
        ("the web", '<sub alias="the web">WWW</sub>'),
        ("x squared", "$x^2$"),
        ("&", "&amp;"),
        ("more", "more"),
    ]:
        start = text.text.index(said)
        assert source[slice(*text.span(start, start + len(said)))] == written


# fmt: off
MARKED = [
    "{}", "**{}**", "*{}*", "`{}`", "<b>{}</b>", "[{}](/u)", "![{}](/u)", "{} 😀", "😀{}", "“{}”", "({})",
    "&quot;{}&quot;", "\n- {}\n", "\n\n# {}\n", "\n> {}\n", "\n\n| {} | x |\n", "<p>{}</p>", "{}\u200b",
    "[pause:1ms]{}", "~~{}~~", "{}[^1]", "\n\n```\n{}\n```\n", "<!-- no -->{}", "<break time='1ms'/>{}", "{}<br>",
    "\n1. {}\n", "→ {}", "{}\\n", "**[{}](/u)**",
]
# fmt: on


@settings(deadline=None)
@given(st.lists(st.sampled_from(MARKED), max_size=30))
def test_no_word_is_lost_and_each_stands_for_itself(marks: list[str]) -> None:
    written = [f"Word{index:03d}" for index in range(len(marks))]
    source = " ".join(mark.format(word) for mark, word in zip(marks, written, strict=True))
    found = segments(source)
    read = [(segment.text, word) for segment in found for word in re.finditer(r"Word\d{3}", segment.text.text)]
    assert [word[0] for _, word in read] == written
    assert [source[slice(*text.span(*word.span()))] for text, word in read] == written


@pytest.mark.parametrize(
    "prose",
    [
        "The quick brown fox jumps over the lazy dog.",
        "He paid $5, then $10; she paid $1,000. \"Enough!\" he cried.",
        "At 5:30 p.m. (or so), Dr. Smith -- my friend -- said: 50% of A & B; that's it...",
        "If 3 > 2 and a < b, then x = y, C# is not #5, ~5 is 50% & @home is 1+1.",
        "Mail jane_doe@example.com or see https://www.example.com/docs/index.html?page=2&x=3#top for more.",
        "An em dash — like this one — and a hyphen - like this one - and an en dash 3\u20135.",
        "Title\nBy the Author\nIt was a dark and stormy night.",
        "The café in Zürich served crème brûlée to Señor Núñez at 20 °C for 5 €.",
    ],
)  # fmt: skip
def test_plain_prose_stays_as_it_is(prose: str) -> None:
    assert [segment.text.text for segment in segments(prose)] == [prose]


@pytest.mark.parametrize(
    "source", ["", " \n", "...", "***", "😀", "[pause:1s]", "> > >", "<b></b>", "\ud800", "```\n```"]
)
def test_a_text_without_words_has_no_segments(source: str) -> None:
    assert segments(source) == []


# fmt: off
MARKUP = [
    "[pause:1ms]", "<break/>", "**", "__", "``", "```", "1. ", "1) ", "\\(", "\\)", "$x_1$", "[^1]", "\\n", "<pre>",
    "</pre>", "<td>", "<tr>", "<sup>2</sup>", "| a | b |\n", "|-|-|\n", "<!--", "&lt;", "---\n", "=\n", "  \n",
    "\\\n", "a-\nb", ":)", ":a:", "I ❤ ", "<sub alias='x y'>z</sub>", "<q>", "[a]: /b\n", "![", "](b)", "•",
]
# fmt: on
rough = st.lists(st.sampled_from([*FRAGMENTS, *MARKUP]), max_size=40).map("".join)


@settings(deadline=None)
@given(st.text() | rough)
def test_any_text_gives_segments_in_order(source: str) -> None:
    try:
        found = segments(source)
    except InvalidText:
        return
    assert_well_formed(source, found)


# fmt: off
WORST = [
    "> ", ">", ">\n", "> a\n", "[", "[[a]", "[a](", "![", "[a](b ", "[a]: b\n", "[^", "(", "*", "**a ", "*a **b ",
    "_", "_a ", "_*", "`", "`a", "```\n", "```a\n````\n", "<", "<b", "<b>", "<b a=", '<sub alias="',
    '<sub alias="x">', "<!--", "<pre>\n", "<td>", "<sup>", "<a@", "&", "&amp;", "|", "|a", "|a\n", "a|b\n-|-\n",
    "- | ", "$", "$x", "$x$ ", "$x^{", "\\(", "\\", "\\n", "\\\n", "- ", "- a\n", "- ```\n", "1. ", "1. a\n",
    "    - a\n", "~", "~~~\n", "[pause:", "[pause:0.001s]", "#", "# a\n", "=\n", "---\n", "a\n-\n", " ", "  \n",
    "a\n", "a,\n", "A\n", "a-\nb", "a  ", ":a", ":)", "<3 ", "I ❤ ", "😀", "😀 ", "→ ", "•", "♞", "\x00", "9", "1,",
    "a.", "，",
]
# fmt: on


@pytest.mark.parametrize("unit", WORST)
def test_time_is_linear_for_hostile_texts(unit: str) -> None:
    """For a text four times as long, quadratic time would be 16 times as long."""
    assert seconds(unit * (16_000 // len(unit))) < 8 * seconds(unit * (4_000 // len(unit))) + 0.2


def seconds(source: str) -> float:
    """Return the processor time of a text that may be refused for its pauses."""

    def read() -> None:
        with suppress(InvalidText):
            segments(source)

    return processor_seconds(read)
