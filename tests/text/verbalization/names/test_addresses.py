import pytest

from tests.text.verbalization.reading import say
from text.verbalization.names.addresses import RULES


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("at St. Mary's", "at saint Mary's"),
        ("Visit St. Louis.", "Visit saint Louis."),
        ("In St. Paul we ate.", "In saint Paul we ate."),
        ("He lives on Oak St. She lives next door.", "He lives on Oak street. She lives next door."),
        ("Turn at Main St. and go left.", "Turn at Main street and go left."),
        ("on St. John St. in town", "on saint John street in town"),
        ("the 42nd St. Station", "the 42nd street Station"),
        ("Lake St. Clair", "Lake saint Clair"),
        ("Mt. St. Helens", "Mt. saint Helens"),
        ("221B Baker St. London", "221B Baker street London"),
        ("on Oak St, Apt 4", "on Oak street, Apt 4"),
    ],
)
def test_a_saint_is_told_from_a_street(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("12 Elm Dr., Austin", "12 Elm drive, Austin"),
        ("12 Lake Dr. Austin", "12 Lake drive Austin"),
        ("Mulholland Dr. is nice", "Mulholland drive is nice"),
        ("See Dr. Adams and Dr. Roe", "See Dr. Adams and Dr. Roe"),
        ("My Dr. said so", "My Dr. said so"),
    ],
)
def test_a_drive_is_told_from_a_doctor(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("on Fifth Ave. near the park", "on Fifth avenue near the park"),
        ("on Fifth Ave near the park", "on Fifth avenue near the park"),
        ("Sunset Blvd. was closed", "Sunset boulevard was closed"),
        ("15 Lake Rd., Ste. 3", "15 Lake road, Ste. 3"),
        ("We drove down Penny Ln. It rained.", "We drove down Penny lane. It rained."),
        ("80 W. 5th St. in town", "80 west 5th street in town"),
        ("one hundred N. Main St.", "one hundred north Main street."),
        ("10 E 42nd St, now", "10 east 42nd street, now"),
        ("1600 Pennsylvania Ave. NW, now", "1600 Pennsylvania avenue northwest, now"),
        ("P.O. Box 12", "p o Box 12"),
        ("PO Box 44", "p o Box 44"),
    ],
)
def test_streets_and_directions_are_words(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("He lives in Bethesda, MD.", "He lives in Bethesda, maryland."),
        ("in Los Angeles, CA and Paris, TX", "in Los Angeles, california and Paris, texas"),
        ("Boston, MA 02101", "Boston, massachusetts 02101"),
        ("She works in Washington, DC.", "She works in Washington, d c."),
        ("From Portland, OR, to Gary, IN 46402", "From Portland, oregon, to Gary, indiana 46402"),
        ("He lives in Tulsa, OK. Fine.", "He lives in Tulsa, oklahoma. Fine."),
        ("Ro Roe (D-CA) and Ann Lee, R-Tenn., said", "Ro Roe (D-california) and Ann Lee, R-tennessee, said"),
        ("Springfield, Ill., is big", "Springfield, illinois, is big"),
    ],
)
def test_a_state_stands_behind_a_town(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    "text",
    [
        "Well, OK. Bye",
        "Yes, OK?",
        "Mom, OK, I know",
        "Come in, ME!",
        "now, IN time",
        "S. Main is far",
        "an Ave",
        "Rd. 5",
    ],
)
def test_what_is_no_address_is_left(text: str) -> None:
    assert say(RULES, text) == text
