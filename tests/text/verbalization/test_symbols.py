import pytest

from tests.text.verbalization.reading import say
from text.verbalization.symbols import RULES


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Lego™ and Acme® bricks", "Lego and Acme bricks"),
        ("© 1998 Acme", "copyright 1998 Acme"),
        ("©1998", "copyright 1998"),
        ("See § 12 and §§ 3, 4.", "See section 12 and sections 3, 4."),
        ("№ 7", "number 7"),
        ("¿Qué? ¡Hola!", "Qué? Hola!"),
        ("α and β", "alpha and beta"),
        ("Δt", "delta t"),
        ("π", "pi"),
        ("Click File → Save.", "Click File to Save."),
        ("Settings -> Display", "Settings to Display"),
        ("cats • dogs • birds", "cats, dogs, birds"),
        ("cats | dogs", "cats, dogs"),
        ("roses / violets", "roses, violets"),
        ("B♭ major and F# minor", "b flat major and f sharp minor"),
        ("She writes C# at home.", "She writes c sharp at home."),
        ("I got a B- in art and a C-.", "I got a b minus in art and a c minus."),
        ("hello~ there", "hello there"),
        ("# of items", "number of items"),
        ("the $ sign and the £ sign", "the dollar sign and the pound sign"),
        ("12 ‰ here", "12 per mille here"),
    ],
)
def test_a_sign_is_read_or_left_out(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("cash and/or a card", "cash and or a card"),
        ("his/her own book", "his or her own book"),
        ("He/she", "he or she"),
        ("s/he", "he or she"),
        ("true/false", "true or false"),
    ],
)
def test_a_slash_between_two_of_a_kind_is_or(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    "text",
    [
        "Smith & Sons",
        "Meet me @ noon.",
        "5% of C++",
        "input/output",
        "λόγος",
        "a well-known A-list",
        "Vitamin A- and C-rich food",
        "A - B",
        "#5 and $5",
        "about ~5",
    ],
)
def test_what_upstream_reads_well_is_left(text: str) -> None:
    assert say(RULES, text) == text
