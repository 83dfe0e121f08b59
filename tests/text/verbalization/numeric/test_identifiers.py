import pytest

from tests.text.verbalization.reading import say
from text.verbalization.numeric.identifiers import RULES


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("192.168.1.1", "one ninety-two dot one sixty-eight dot one dot one"),
        ("10.0.0.1", "ten dot zero dot zero dot one"),
        ("255.255.255.0", "two fifty-five dot two fifty-five dot two fifty-five dot zero"),
        ("10.0.0.0/24", "ten dot zero dot zero dot zero slash twenty-four"),
        ("Python 3.11.2", "Python three point eleven point two"),
        ("Python 3.11", "Python three point eleven"),
        ("Ubuntu 22.04", "Ubuntu twenty-two point oh four"),
        ("version 2.0.1", "version two point zero point one"),
        ("Go 2.5 mi", "Go 2.5 mi"),
        ("v2.0", "version two point zero"),
        ("v1.2.3.", "version one point two point three."),
        ("v3 is out", "version three is out"),
        ("1.2.3.4.5", "one point two point three point four point five"),
    ],
)
def test_addresses_and_versions_are_read_part_by_part(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("The code is 90210.", "The code is nine zero two one zero."),
        ("ZIP code 10001", "ZIP code one zero zero zero one"),
        ("Los Angeles, CA 90210", "Los Angeles, CA nine zero two one zero"),
        ("Houston, Texas 77001", "Houston, Texas seven seven zero zero one"),
        ("90210-1234", "nine zero two one zero, one two three four"),
        ("PIN: 4321", "PIN: four three two one"),
        ("area code 212", "area code two one two"),
        ("extension 204", "extension two zero four"),
        ("call 911", "call nine one one"),
        ("a 911 call", "a nine one one call"),
        ("agent 007", "agent zero zero seven"),
        ("0800 hours", "zero eight hundred hours"),
        ("order number 48213", "order number four eight two one three"),
        ("order #48213", "order number four eight two one three"),
        ("4111 1111 1111 1111", "four one one one, one one one one, one one one one, one one one one"),
        ("id 1234567890123", "id one two three four five six seven eight nine zero one two three"),
    ],
)
def test_a_code_is_read_digit_by_digit(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("room 237", "room two thirty-seven"),
        (".22 caliber", "twenty-two caliber"),
        (".50 cal", "fifty caliber"),
        ("Room 3204", "Room thirty-two oh four"),
        ("Flight 815", "Flight eight fifteen"),
        ("highway 101", "highway one oh one"),
        ("a Boeing 747", "a Boeing seven forty-seven"),
        ("error 404", "error four oh four"),
        ("status 200", "status two hundred"),
        ("742 Evergreen Terrace", "seven forty-two Evergreen Terrace"),
        ("4521 N. Oak St", "forty-five twenty-one N. Oak St"),
        ("350 5th Ave", "three fifty 5th Ave"),
        ("12045 Main Street", "one twenty forty-five Main Street"),
    ],
)
def test_rooms_and_houses_are_read_in_pairs(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    "text",
    [
        "3.14",
        "1,234",
        "2024",
        "12345 people",
        "pi is 3.14159",
        "call 200 people",
        "train 500 models",
        "10000000000",
        "in 1999",
        "order 2024",
        "1.234.567",
        "999.999.999.999",
        "0.5",
        "$2000000000",
        "V8",
        "route 66",
        "10-20",
        "100 Main ideas",
    ],
)
def test_a_count_is_left(text: str) -> None:
    assert say(RULES, text) == text
