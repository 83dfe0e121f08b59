import pytest

from tests.text.verbalization.reading import say
from text.verbalization.names.roman import RULES, value


@pytest.mark.parametrize(
    ("numeral", "number"),
    [("IV", 4), ("IX", 9), ("XIV", 14), ("LVII", 57), ("MCMXCIV", 1994), ("IIII", None), ("", None)],
)
def test_a_numeral_has_a_value_if_it_is_well_formed(numeral: str, number: int | None) -> None:
    assert value(numeral) == number


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Henry VIII and Louis XIV", "Henry the eighth and Louis the fourteenth"),
        ("Pope John Paul II waved", "Pope John Paul the second waved"),
        ("Richard III's bones", "Richard the third's bones"),
        ("Thutmose II came", "Thutmose the second came"),
        ("King Charles I of England", "King Charles the first of England"),
        ("Elizabeth I ruled", "Elizabeth the first ruled"),
        ("Henry V", "Henry the fifth"),
        ("Pope Leo X", "Pope Leo the tenth"),
        ("Robert Griffin III", "Robert Griffin the third"),
        ("William Howard Taft IV", "William Howard Taft the fourth"),
        ("John XXIII", "John the twenty-third"),
    ],
)
def test_a_person_has_an_ordinal_number(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("World War I and World War II", "World War one and World War two"),
        ("Rocky III", "Rocky three"),
        ("Chapter IV", "Chapter four"),
        ("Super Bowl LVII", "Super Bowl fifty-seven"),
        ("Act III, Scene ii", "Act three, Scene two"),
        ("Act V, scene i", "Act five, scene one"),
        ("Part I was dull", "Part one was dull"),
        ("Volume IX", "Volume nine"),
        ("vol. II", "vol. two"),
        ("p. xii", "p. twelve"),
        ("type II diabetes", "type two diabetes"),
        ("type I diabetes", "type one diabetes"),
        ("Final Fantasy VII", "Final Fantasy seven"),
        ("Grand Theft Auto V", "Grand Theft Auto five"),
        ("StarCraft II", "StarCraft two"),
        ("Title IX", "Title nine"),
        ("Apollo XI", "Apollo eleven"),
        ("stage IV cancer", "stage four cancer"),
        ("Chapters II and III", "Chapters two and three"),
        ("iPhone X", "iPhone ten"),
        ("(ii) and (iii)", "(two) and (three)"),
        ("IV. The Nurse", "four. The Nurse"),
        ("XIII", "thirteen"),
    ],
)
def test_a_thing_has_a_cardinal_number(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("the XIX century", "the nineteenth century"),
        ("the XVIII Airborne Corps", "the eighteenth Airborne Corps"),
        ("Copyright MCMXCIV", "Copyright nineteen ninety-four"),
        ("MMXXIV", "twenty twenty-four"),
    ],
)
def test_centuries_and_years_are_read_as_such(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    "text",
    [
        "Then I went home, and I slept.",
        "My friend Louis and I sang.",
        "My friend James I think is here.",
        "the part I like and the type I want",
        "Take vitamin C daily.",
        "Malcolm X gave a speech.",
        "Gen X",
        "Solve for X.",
        "Send me your CV today.",
        "The CD is in Washington, DC.",
        "I did MIX it.",
        "size XL and XXL",
        "The nurse put in an IV.",
        "MC Hammer and an MD",
        "MI6",
    ],
)
def test_letters_that_are_no_numeral_are_left(text: str) -> None:
    assert say(RULES, text) == text
