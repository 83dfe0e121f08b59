import pytest

from tests.text.verbalization.reading import say
from text.verbalization.web.web import RULES


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Go to www.example.com today.", "Go to w w w dot example dot com today."),
        ("See https://example.com/docs/.", "See example dot com slash docs."),
        ("HTTP://example.org!", "example dot org!"),
        ("(see example.org)", "(see example dot org)"),
        ("https://x.org/a_(b)", "x dot org slash a underscore b"),
        ("example.com/watch?v=abc", "example dot com slash watch question mark v equals abc"),
        ("Is it example.com?", "Is it example dot com?"),
        ("Amazon.com's site", "amazon dot com's site"),
        ("bbc.co.uk/news", "b b c dot co dot u k slash news"),
        ("localhost:7860", "localhost colon seventy-eight sixty"),
        ("localhost:8000/v1", "localhost colon eight thousand slash v one"),
        ("192.168.1.1:8080", "one ninety-two dot one sixty-eight dot one dot one colon eighty eighty"),
        ("a.com/id/20230517", "a dot com slash id slash two zero two three zero five one seven"),
        ("https://github.com/me/my-repo", "github dot com slash me slash my dash repo"),
        ("360.com", "three hundred sixty dot com"),
        ("example.com/x²", "example dot com slash x²"),
        ("the .com boom", "the dot com boom"),
    ],
)
def test_a_url_is_read_with_its_signs(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Write to jane.doe@example.com.", "Write to jane dot doe at example dot com."),
        ("info_desk@example.com", "info underscore desk at example dot com"),
        ("tom@my-shop.com", "tom at my dash shop dot com"),
        ("anna99@example.io", "anna ninety-nine at example dot i o"),
        ("git@github.com:me/app.git", "git at github dot com colon me slash app dot git"),
        ("mailto:tom@example.com", "tom at example dot com"),
        ("Follow @jane_doe99 on there.", "Follow at jane underscore doe ninety-nine on there."),
        ("#summer", "hashtag summer"),
        ("#BlackFriday2024", "hashtag black friday twenty twenty-four"),
        ("#AI", "hashtag a i"),
        ("#ff0000", "hash f f zero zero zero zero"),
    ],
)
def test_an_email_address_a_handle_and_a_hashtag_are_read(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Edit config.yaml, then main.py.", "Edit config dot yaml, then main dot p y."),
        ("README.md", "readme dot m d"),
        ("file.tar.gz", "file dot tar dot g z"),
        ("song.mp3", "song dot m p three"),
        ("Open /etc/hosts as root.", "Open slash e t c slash hosts as root."),
        ("~/notes", "tilde slash notes"),
        ("./run.sh", "dot slash run dot s h"),
        (r"C:\Users\Ann", "c colon backslash users backslash ann"),
        ("src/main.cpp", "s r c slash main dot c p p"),
        (".NET and Node.js", "dot net and node dot j s"),
        (".gitignore", "dot gitignore"),
    ],
)
def test_a_file_is_read_with_its_path_and_ending(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("--verbose", "dash dash verbose"),
        ("-v", "dash v"),
        ("--max-len=5", "dash dash max dash len equals five"),
        ("max_tokens", "max tokens"),
        ("MAX_LEN", "max len"),
        ("__init__", "init"),
        ("x86_64", "x eighty-six sixty-four"),
        ("np.random_state", "np dot random state"),
        ("getUserName()", "get user name()"),
        ("document.getElementById", "document dot get element by id"),
        ("macOS", "mac o s"),
    ],
)
def test_an_identifier_is_read_as_words(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("It rained.Then it stopped.", "It rained. Then it stopped."),
        ("Really?Yes.", "Really? Yes."),
        ("I didn't.Then I did.", "I didn't. Then I did."),
        ("I said no.So he left.", "I said no. So he left."),
        ("at example.com...then", "at example dot com... then"),
        ("It was London.Then", "It was London. Then"),
        ("in 2010.Then", "in 2010. Then"),
    ],
)
def test_a_forgotten_space_between_sentences_is_put_in(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    "text",
    [
        "and/or km/h 24/7 1/2 w/o he/she",
        "05/17/2024 2024-05-17 12:30 3.5 1,234.5 -5 v1.2.3 192.168.1.1",
        "5 p.m. e.g. U.S. J.R.R. Ph.D. Dr.Smith etc.",
        "well-known, word--word, 'tis, don't... what?! Yes.",
        "C# #5 @ noon x_1 $5.50 50% 10:30-11:45",
        "iPhone YouTube McDonald numpy.array",
        "Console.WriteLine React.Component",
    ],
)
def test_what_is_no_address_is_left(text: str) -> None:
    assert say(RULES, text) == text
