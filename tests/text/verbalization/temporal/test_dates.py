import pytest

from tests.text.verbalization.reading import say
from text.verbalization.temporal.dates import RULES


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("05/17/2024.", "may seventeenth, twenty twenty-four."),
        ("5/17/24", "may seventeenth, twenty twenty-four"),
        ("17/05/1999", "may seventeenth, nineteen ninety-nine"),
        ("5-17-2024", "may seventeenth, twenty twenty-four"),
        ("17.05.1984", "may seventeenth, nineteen eighty-four"),
        ("2024-05-17", "may seventeenth, twenty twenty-four"),
        ("2024/5/7", "may seventh, twenty twenty-four"),
        ("2024-05-17T14:30:00Z", "may seventeenth, twenty twenty-four, 14:30:00 UTC"),
        ("2024-05-17 14:30", "may seventeenth, twenty twenty-four, 14:30"),
        ("on 12/25", "on december twenty-fifth"),
        ("due 5/17", "due may seventeenth"),
        ("Fri 5/7", "friday may seventh"),
        ("on 1/2", "on january second"),
        ("between 5/1 and 5/7", "between may first and may seventh"),
        ("after 9/11", "after nine eleven"),
    ],
)
def test_a_date_in_digits_is_read_with_its_month(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("May 5", "may fifth"),
        ("May 5th 2024", "may fifth, twenty twenty-four"),
        ("May 5, 2024, and", "may fifth, twenty twenty-four, and"),
        ("5 May 2024", "may fifth, twenty twenty-four"),
        ("on the 5th May", "on the fifth of may"),
        ("12-May-2024", "may twelfth, twenty twenty-four"),
        ("June 5-7", "june fifth to seventh"),
        ("5–7 June", "june fifth to seventh"),
        ("May 30–June 2", "may thirtieth to june second"),
        ("1-Jan-24", "january first, twenty twenty-four"),
        ("1 May – 3 June", "may first to june third"),
        (
            "(Feb. 12, 1809 – April 15, 1865)",
            "(february twelfth, eighteen oh nine to april fifteenth, eighteen sixty-five)",
        ),
        ("July the 4th", "july the fourth"),
        ("june 5", "june fifth"),
        ("may 5th", "may fifth"),
        ("MAY 5, 2024", "may fifth, twenty twenty-four"),
        ("Sale ends Jan. 3.", "Sale ends january third."),
        ("Dec. 25 this year", "december twenty-fifth this year"),
        ("Sept. 2024", "september twenty twenty-four"),
        ("May–September", "may to september"),
        ("Jan-Mar 2024", "january to march twenty twenty-four"),
        ("Fri., Oct. 11 at", "friday, october eleventh at"),
        ("Mon 3 Jan is", "monday january third is"),
    ],
)
def test_a_day_of_a_month_is_an_ordinal(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Tues. and Thurs. in winter", "tuesday and thursday in winter"),
        ("Mon-Fri", "monday to friday"),
        ("closed Sat & Sun.", "closed saturday and sunday."),
        ("Sat.-Sun. closed", "saturday to sunday closed"),
        ("See you on Mon. Bye.", "See you on monday. Bye."),
        ("in Jan. we", "in january we"),
        ("in Jan. Then we", "in january. Then we"),
        ("since Jan we", "since january we"),
        ("Jan went home.", "jan went home."),
        ("I saw Jan. She left.", "I saw jan. She left."),
        ("a gift from Jan", "a gift from jan"),
        ("Sat by the fire.", "sat by the fire."),
    ],
)
def test_an_abbreviated_day_or_month_is_told_from_a_name_and_a_verb(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("'90s music", "nineties music"),
        ("in the 80s", "in the eighties"),
        ("in his 20s", "in his twenties"),
        ("the '60s and 70s", "the sixties and seventies"),
        ("the 1980s", "the nineteen eighties"),
        ("mid-1990s", "mid-nineteen nineties"),
        ("the 1900s", "the nineteen hundreds"),
        ("the 2000s", "the two thousands"),
        ("the 2010s", "the twenty tens"),
        ("1980's", "nineteen eighties"),
        ("1914-1918", "nineteen fourteen to nineteen eighteen"),
        ("(1815–1852)", "(eighteen fifteen to eighteen fifty-two)"),
        ("1990-95", "nineteen ninety to ninety-five"),
        ("1999-00", "nineteen ninety-nine to two thousand"),
        ("2020/21", "twenty twenty twenty-one"),
        ("Q3 2024", "q three twenty twenty-four"),
        ("Q3'24", "q three twenty twenty-four"),
        ("H1 2024", "h one twenty twenty-four"),
        ("FY24", "f y twenty-four"),
        ("FY2023/24", "f y twenty twenty-three twenty-four"),
        ("c. 1850", "circa 1850"),
        ("class of '98", "class of ninety-eight"),
        ("back in '05", "back in oh five"),
        ("12/24/36 months", "twelve, twenty-four, thirty-six months"),
        ("In 44 B.C. and", "In 44 b c and"),
        ("in 300 B.C.E. Caesar", "in 300 b c e Caesar"),
        ("in 79 A.D., a", "in 79 a d, a"),
        ("It fell in 44 B.C. He left.", "It fell in 44 b c. He left."),
    ],
)
def test_years_decades_and_quarters_are_read_as_such(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    "text",
    [
        "1/2 cup, 3/4 of it, 5/6 of them, 24/7, 50/50, 7/11",
        "13/13/2024 2024-13-01 0/5 32/1/2020",
        "One scratch will mar the wall. You may 5 times. March on.",
        "The Sun. It is. We may go. May I come?",
        "on the 4th of July",
        "a ratio of 5/17, the score was 9/17",
        "Lot 5 A.C. unit, 5 B.",
        "waited 20s, 5-10, 1234-56, 10-20, $1990-95",
        "in 2010, March 2024, 192.168.1.1, 1.2.24",
        "555-0100-22 555-010-0199",
        "rock 'n' roll",
    ],
)
def test_what_is_no_date_is_left(text: str) -> None:
    assert say(RULES, text) == text
