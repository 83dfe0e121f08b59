"""A lexicon replaces whole words, and refuses entries that cannot be used."""

import time
from pathlib import Path

import pytest

from text.aligned_text import AlignedText
from text.errors import InvalidLexicon
from text.lexicon import LONGEST_ENTRY, MAX_ENTRIES, Lexicon, apply, check_lexicon
from text.lexicon_file import read_lexicon


def applied(text: str, *lexicon: tuple[str, str]) -> str:
    return apply(AlignedText.of(text), lexicon).text


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("nginx", "engine x"),
        ("Use nginx, not NGINX.", "Use engine x, not engine x."),
        ("Nginx's logs", "engine x's logs"),
        ("an nginx-like server", "an engine x-like server"),
        ("nginxes and mynginx and nginx2 and my_nginx", "nginxes and mynginx and nginx2 and my_nginx"),
        ("The US and us", "The U S and us"),
        ("GIF and gif", "jif and gif"),
        ("node.js and Node.JS but node.jsx", "node jay ess and node jay ess but node.jsx"),
        ("C++, C++!", "see plus plus, see plus plus!"),
        ("C++11 and AC++", "C++11 and AC++"),
        (".NET and ASP.NET", "dot net and ASP.NET"),
        ("I am in New York, new york", "I am in the big apple, the big apple"),
        ("New Yorkers", "New Yorkers"),
        ("Zürich ZÜRICH", "tsoorik tsoorik"),
        ("Zu\u0308rich", "tsoorik"),
        ("cafe\u0301 cafe", "cafe\u0301 coffee"),
        ("don't", "do not"),
        ("a", "a"),
        ("", ""),
    ],
)
def test_whole_words_are_replaced(written: str, said: str) -> None:
    lexicon = (
        ("nginx", "engine x"),
        ("US", "U S"),
        ("GIF", "jif"),
        ("node.js", "node jay ess"),
        ("c++", "see plus plus"),
        (".NET", "dot net"),
        ("new york", "the big apple"),
        ("zürich", "tsoorik"),
        ("cafe", "coffee"),
        ("don\u2019t", "do not"),
    )
    assert applied(written, *lexicon) == said


def test_the_longest_entry_is_taken() -> None:
    lexicon = (("new", "old"), ("new york", "the big apple"), ("new york city", "the city"))
    said = "old the big apple the city the big apple citys"
    assert applied("new new york new york city new york citys", *lexicon) == said


def test_a_longer_entry_in_another_case_does_not_hide_a_shorter_one() -> None:
    assert applied("us dollar", ("US dollar", "buck"), ("us", "we")) == "we dollar"


@pytest.mark.parametrize(("word", "said"), [("US", "first"), ("us", "second")])
def test_of_equal_entries_the_first_is_taken(word: str, said: str) -> None:
    assert applied(word, ("US", "first"), ("us", "second"), ("us", "third"), ("US", "third")) == said
    assert applied("US", ("us", "second"), ("US", "first")) == "second"


def test_what_is_written_is_not_replaced_again() -> None:
    assert applied("a b", ("a", "b"), ("b", "a")) == "b a"


def test_the_result_stands_for_the_word() -> None:
    replaced = apply(AlignedText.of("See nginx."), (("nginx", "engine x"),))
    assert replaced.text == "See engine x."
    assert replaced.span(4, 12) == (4, 9)
    assert replaced.span(12, 13) == (9, 10)


def test_letters_whose_lower_case_is_longer_do_not_move_what_follows() -> None:
    assert applied("İİİ nginx İ", ("nginx", "engine x")) == "İİİ engine x İ"


@pytest.mark.parametrize("unit", ["$", "a ", "$a", "İ", "9"])
def test_a_hostile_lexicon_takes_linear_time(unit: str) -> None:
    signs = tuple(("$" * length + "x", "s") for length in range(1, 100))
    words = tuple(("a " * length + f"b{length}", "w") for length in range(1, 49))
    lexicon: Lexicon = (*signs, *words, *((f"a{number}", "n") for number in range(300)))
    began = time.process_time()
    apply(AlignedText.of(unit * (64000 // len(unit))), lexicon)
    assert time.process_time() - began < 10


def test_a_request_may_have_entries_of_every_length() -> None:
    entries = {"a": "b", "a" * LONGEST_ENTRY: "b" * LONGEST_ENTRY, "9": "nine", "C#": "see sharp", "日本": "japan"}
    assert check_lexicon(entries) == tuple(entries.items())


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"": "x"}, "the word '' has 0 characters; 1 to 100 are allowed"),
        ({"a" * 101: "x"}, "has 101 characters; 1 to 100 are allowed"),
        ({"a": ""}, "the respelling of 'a' has 0 characters"),
        ({"a": "b" * 101}, "the respelling of 'a' has 101 characters"),
        ({"a": "  "}, "the respelling of 'a' is blank"),
        ({"a": 7}, "the respelling of 'a' must be a string"),
        ({"a": None}, "the respelling of 'a' must be a string"),
        ({"!?": "x"}, "the word '!\\?' has no letter and no digit"),
        ({"a\nb": "x"}, "the word 'a\\\\nb' has a line end"),
        ({"a": "x\u2028y"}, "the respelling of 'a' has a line end"),
        ({f"word{number}": "x" for number in range(MAX_ENTRIES + 1)}, "the lexicon has 501 entries; at most 500"),
    ],
)
def test_a_wrong_entry_is_named(entries: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidLexicon, match=message):
        check_lexicon(entries)


def test_a_file_may_have_comments_and_words_in_quotes(tmp_path: Path) -> None:
    path = tmp_path / "lexicon.toml"
    path.write_text('\ufeff# ours\n"node.js" = "node jay ess"  # a comment\nnginx = "engine x"\n"New York" = \'NYC\'\n')
    assert read_lexicon(path) == (("node.js", "node jay ess"), ("nginx", "engine x"), ("New York", "NYC"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'"a" = "b"\n"c" "d"\n', r"lexicon.toml: .*line 2.*each line must be"),
        (b'"a" = "b"\n"a" = "c"\n', r"lexicon.toml: .*line 2"),
        (b'"a" = 7\n', r"lexicon.toml: the respelling of 'a' must be a string"),
        (b'"!" = "b"\n', r"lexicon.toml: the word '!' has no letter"),
        (b'node.js = "node jay ess"\n', r"lexicon.toml: 'node' is a table: put each word in quotes"),
        (b"[words]\n", r"'words' is a table"),
        (b"\xff", r"lexicon.toml is not UTF-8: .* at byte 0"),
        (None, r"lexicon.toml cannot be read: No such file or directory"),
    ],
)
def test_a_wrong_file_is_named_with_the_line_or_the_word(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "lexicon.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidLexicon, match=message):
        read_lexicon(path)
