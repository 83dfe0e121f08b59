"""Prose reaches the model exactly as upstream writes it."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from soprano.tts import SopranoTTS

from text.aligned_text import AlignedText
from text.normalization import normalize
from text.options import ReadingOptions
from text.sentences import LONGEST_SENTENCE, split_sentences
from text.upstream import text_normalizer

ORDINARY_TEXTS = [
    "Hello.",
    "Hello world, this is a test of the text processing",
    "The quick brown fox jumps over the lazy dog.",
    "I never said she stole my money. You did say it, though, and everybody heard you! Didn't they?",
    "It costs $2.47, or $3 with tax; $1,250,000.50 for the whole company and $0.99 for a single song.",
    "A ticket is $1.00 today and $.50 tomorrow.",
    "The meeting is at 8:05, lunch at 12:00, and we leave at 13:00 or 17:45 at the latest.",
    "The race took 02:05:09 for the winner, and 00:42:10 for the children.",
    "On 1/2/2025 and 11-30-24 the office was closed.",
    "Call (123) 456-7890 or 123-456-7890 before the end of the week.",
    "Dr. Smith met Mrs. Jones and Mr. Brown on St. James St. in Ft. Worth.",
    "Gen. Lee and Col. Sanders saw Capt. Cook. Sgt. Pepper was late, as Lt. Dan said.",
    "The CPU runs at 3.5 GHz, the GPUs have 80 GB and the API answers 1000 requests in 250 ms.",
    'He said, "I don\'t know what you mean." She answered, “Yes, you do.” Then they left.',
    "“Where is it?” he asked. ‘Nowhere,’ I said. It's the dogs' house.",
    "First paragraph, which has one sentence.\n\nSecond paragraph! It has two sentences.\n\nThird one",
    "A line without a stop\nAnother line, windows style\r\nThe third line follows here\r\n\r\nThe end",
    "Title\n\nBy the Author\n\nIt was a dark and stormy night; the rain fell in torrents.",
    "No.",
    "No. Yes. Maybe.",
    "Oh! Really? I would never have thought so, if you had not told me about it.",
    "It works. Good. And then, after a long and weary while, the sun came up again. Fine. Bye.",
    "Wait... what? I thought we had… agreed!",
    "Stop!!! Are you sure?! Yes!?!",
    "Temperatures fell to -5 degrees (about 23 Fahrenheit), then rose by 10% overnight.",
    "See the note (page 12) and the appendix [section 3] for details.",
    "word(s) and (nested (brackets) here) are fine.",
    "2 + 2 = 4, 3 * 4 = 12, 10 / 2 = 5 and 7 - 3 = 4.",
    "1/2 of 3/4 is 3/8, 2.5 times 1.17.1 is a version.",
    "The 1st, 2nd, 3rd, 4th and 21st of the month.",
    "In 1999, 2000, 2005, 2010 and 2024, some 12,345,678 people and 100K dogs came.",
    "About 5M people live there, 3B in total, and #1 is the best.",
    "Mail me at jane.doe@example.com or see https://www.example.com/docs/index.html?page=2&x=3 for more.",
    "Read https://example.com/" + "a-long-path/of-many/parts/" * 6 + "index.html today.",
    "LMDeploy and PyTorch run TPUs, FastAPI and/or JavaScript.",
    "On Mon, Jan 3, and Sat, Sept 9, etc, at 5th Ave we met.",
    "The café in Zürich served crème brûlée to Señor Núñez.",
    "An em dash — like this one — and a hyphen - like this one - and an en-dash 3–5.",
    "snake_case_names, file.txt, C:\\temp and a < b >= c ~ d",
    "*bold* and _italic_ and `code` and # heading",
    "- first item\n- second item\n* third item\n1. fourth item\n2) fifth item",
    "She said: come here; he did not. Why? Because!",
    "I love you <3 so much & always",
    "Hellooooo! Sooooo good, hmmmmm.",
    "3.14159265358979323846264338327950288419716939937510 is pi.",
    "U.S.A. and e.g. this, i.e. that, a.m. and p.m.",
    "A very long sentence " + "that goes on and on, " * 40 + "until it ends.",
    "and without any punctuation whatsoever " * 25,
    "Short one. " + "This is a rather ordinary sentence of some length. " * 20 + "The end.",
    "Is it? " * 9,
    "Ünïcödé ﬁne ligatures, ½ cup of sugar, 20° outside, 5 × 3.",
    "中文 is heard as pinyin. Привет, мир! Γειά σου Κόσμε.",
    "Smile 😀 and wave 👋 before you go! 🎉",
    "Chapter 1.\n\nThe boy who lived\n\nMr. and Mrs. Dursley were proud to say that they were normal.",
    'He paid $5, then $10; she paid $1,000. "Enough!" he cried.',
    "If 3 > 2 and a < b, then x = y, C# is not #5, ~5 is 50% & @home is 1+1.",
    "Open Home → Settings → Wi-Fi, then go on.",
    "I ♥ NY, said the queen of ♠, and so do they.",
    "He said -- well, I think he did --- that a == b, a >> b and a && b.",
    "x >= -5 +/- 3 and y <= 5, x=-5.",
    "Ratio 16:10, score 3:2, verse John 3:16.",
    "Version 2.0.1 came out on 2024-05-06 with 37 fixes.",
    "The year 1066. The year 1900. The year 2001. The year 3000.",
    "Rock 'n' roll isn't dead, y'all; it's 'sleeping'.",
    "   Leading and trailing space.   \n",
    "ALL CAPS SHOUTING, Mixed Case Words, camelCase too.",
    "What's up, doc? I'm fine—thanks. And you?",
    "This sentence is long enough for itself. This one has twenty and nine.",
    "This sentence is long enough for itself. Now this one has thirty of it.",
    "One. Two. Three. Four. Five. Six. Seven. Eight. Nine. Ten. And now a longer one to finish with.",
]

UPSTREAMS_LONGEST = 300


def reference(text: str) -> list[str]:
    """Return upstream's sentences."""
    prompts = SopranoTTS._preprocess_text(None, [text])
    return [prompt.removeprefix("[STOP][TEXT]").removesuffix("[START]") for prompt, _, _ in prompts]


def plain(text: str) -> list[str]:
    return [sentence.text for sentence in split_sentences(text, ReadingOptions(plain=True))]


@pytest.mark.parametrize("text", ORDINARY_TEXTS)
def test_ordinary_text_becomes_upstreams(text: str) -> None:
    assert normalize(AlignedText.of(text.replace("\r\n", "\n"))).text == text_normalizer.clean_text(text)


@pytest.mark.parametrize("text", ORDINARY_TEXTS)
def test_plain_text_is_split_as_upstream_does(text: str) -> None:
    """But for sentences that are too long, which upstream cuts between any two words."""
    expected = reference(text)
    if all(sentence[-1] in ".!?" for sentence in expected):
        assert plain(text) == expected
    else:
        assert " ".join(plain(text)) == " ".join(expected)


words = st.one_of(
    st.text(string.ascii_lowercase, min_size=1, max_size=9),
    st.text(string.ascii_letters, min_size=1, max_size=9),
    st.sampled_from(["don't", "U.S.", "well-known", "Mr.", "Dr.", "API", "café", "naïve", "etc", "(aside)", "50%"]),
    st.integers(0, 10**7).map(str),
    st.integers(0, 10**7).map("{:,}".format),
    st.decimals(0, 9999, places=2).map("${:,}".format),
    st.times().map("{:%H:%M}".format),
    st.dates().map("{:%d/%m/%Y}".format),
)
clauses = st.lists(words, min_size=1, max_size=25).map(" ".join)
prose = st.lists(
    st.tuples(clauses, st.sampled_from([". ", "! ", "? ", ", ", "; ", ": ", " — ", " - ", "... ", ".\n\n", "\n"])),
    min_size=1,
    max_size=8,
).map(lambda parts: "".join(clause + stop for clause, stop in parts))


@settings(deadline=None)
@given(prose)
def test_prose_becomes_upstreams(text: str) -> None:
    assert normalize(AlignedText.of(text)).text == text_normalizer.clean_text(text)


@settings(deadline=None)
@given(prose)
def test_prose_is_split_as_upstream_does(text: str) -> None:
    expected = reference(text)
    if max(map(len, expected)) < UPSTREAMS_LONGEST and all(sentence[-1] in ".!?" for sentence in expected):
        assert plain(text) == expected


def test_short_sentences_are_merged_as_upstream_does_up_to_the_longest() -> None:
    assert plain("No. " * 80) == reference("No. " * 80)
    assert len(reference("No. " * 85)[0]) > LONGEST_SENTENCE
