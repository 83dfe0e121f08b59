import pytest

from tests.text.verbalization.reading import say
from text.verbalization.numeric.money import RULES


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("$5", "five dollars"),
        ("$1", "one dollar"),
        ("$0", "zero dollars"),
        ("$5.50", "five dollars, fifty cents"),
        ("$1.01", "one dollar, one cent"),
        ("$5.00", "five dollars"),
        ("$0.99", "ninety-nine cents"),
        ("$.50", "fifty cents"),
        ("$50.3", "fifty dollars, thirty cents"),
        ("$3.459", "three point four five nine dollars"),
        ("$99,070.01", "ninety-nine thousand seventy dollars, one cent"),
        ("$1,000,000", "one million dollars"),
        ("$1500", "fifteen hundred dollars"),
        ("$1035", "one thousand thirty-five dollars"),
        ("£1.01", "one pound, one penny"),
        ("£20.50", "twenty pounds, fifty pence"),
        ("¥500", "five hundred yen"),
        ("€5,50", "five euros, fifty cents"),
        ("€1.234,56", "one thousand, two hundred thirty-four euros, fifty-six cents"),
        ("€1.200", "twelve hundred euros"),
        ("€1 200", "twelve hundred euros"),
        ("₹1,00,000", "one hundred thousand rupees"),
        ("₹5 lakh", "five lakh rupees"),
        ("₩10,000", "ten thousand won"),
        ("It costs 5$ here.", "It costs five dollars here."),
        ("20¢", "twenty cents"),
        ("1¢", "one cent"),
        ("a 99¢ burger", "a ninety-nine cent burger"),
        ("3,50 €", "three euros, fifty cents"),
        ("10-20€", "ten to twenty euros"),
        ("3 million €", "three million euros"),
    ],
)
def test_an_amount_is_said_with_its_currency(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("$5.3 billion", "five point three billion dollars"),
        ("$2.5bn", "two point five billion dollars"),
        ("$3M", "three million dollars"),
        ("$40k", "forty thousand dollars"),
        ("$1 million", "one million dollars"),
        ("$1.2 trillion", "one point two trillion dollars"),
        ("£3m", "three million pounds"),
        ("$7.5T", "seven point five trillion dollars"),
        ("$5 M", "five million dollars"),
        ("$100-million", "one hundred million dollars"),
        ("$5 more", "five dollars more"),
        ("$5 makes", "five dollars makes"),
        ("$100s", "hundreds of dollars"),
    ],
)
def test_a_scale_stands_before_the_currency(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("$100-$200", "one hundred to two hundred dollars"),
        ("$5–10", "five to ten dollars"),
        ("$5-10", "five to ten dollars"),
        ("$5 - $10", "five to ten dollars"),
        ("$1-2 million", "one to two million dollars"),
        ("$1.2–$1.5 billion", "one point two to one point five billion dollars"),
        ("$500k-$1M", "five hundred thousand to one million dollars"),
        ("$10k-20k", "ten to twenty thousand dollars"),
        ("$5.50-$6.50", "five dollars, fifty cents to six dollars, fifty cents"),
        ("between $5 and $10", "between five dollars and ten dollars"),
        ("between $5 and $10 million", "between five and ten million dollars"),
        ("$5 to $10", "five dollars to ten dollars"),
    ],
)
def test_a_range_is_said_with_to(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("A balance of -$5.", "A balance of minus five dollars."),
        ("$-5", "minus five dollars"),
        ("+$3", "plus three dollars"),
        ("non-$5", "non-five dollars"),
    ],
)
def test_a_sign_is_said_before_the_amount(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("US$5", "five u s dollars"),
        ("A$5.50", "five australian dollars, fifty cents"),
        ("C$2 million", "two million canadian dollars"),
        ("HK$100", "one hundred hong kong dollars"),
        ("R$10", "ten brazilian reais"),
        ("USD 5", "five u s dollars"),
        ("USD5", "five u s dollars"),
        ("100 USD", "one hundred u s dollars"),
        ("$5 USD", "five u s dollars"),
        ("$5 dollars", "five dollars"),
        ("EUR 3.5 million", "three point five million euros"),
        ("Rs. 500", "five hundred rupees"),
        ("Rs 5 crore", "five crore rupees"),
        ("CHF 80", "eighty swiss francs"),
        ("CHF 1'000", "one thousand swiss francs"),
        ("GBP 1.50", "one pound, fifty pence"),
        ("5,000 JPY", "five thousand yen"),
        ("0.5 BTC", "zero point five bitcoin"),
        ("CAD 2024", "CAD 2024"),
        ("MUSD 5", "MUSD 5"),
    ],
)
def test_a_code_or_country_names_the_currency(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("a $5 bill", "a five dollar bill"),
        ("5 $10 bills", "5 ten dollar bills"),
        ("a 10-year, $100 million contract", "a 10-year, one hundred million dollar contract"),
        ("$10, and $20 bills", "ten dollars, and twenty dollar bills"),
        ("a $1.5 million-dollar home", "a one point five million dollar home"),
        ("$500K-a-year job", "five hundred thousand dollar-a-year job"),
        ("in $20s", "in twenty dollar bills"),
        ("a $3 million house", "a three million dollar house"),
        ("A $5.50 coffee", "A five dollar fifty cent coffee"),
        ("the $700 billion bailout", "the seven hundred billion dollar bailout"),
        ("a $50-$60 jacket", "a fifty to sixty dollar jacket"),
        ("an €80 ticket", "an eighty euro ticket"),
        ("a $1,000-a-day habit", "a one thousand dollar-a-day habit"),
        ("I owe him a $5.", "I owe him a five dollars."),
        ("the $5 at the checkout", "the five dollars at the checkout"),
        ("the $5 he owed", "the five dollars he owed"),
        ("the $5 million raised there", "the five million dollars raised there"),
        ("paid $5 cash or not", "paid five dollars cash or not"),
    ],
)
def test_an_amount_before_a_noun_has_no_plural(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("$5/month", "five dollars per month"),
        ("$3/lb", "three dollars per pound"),
        ("$15/hr.", "fifteen dollars per hour."),
        ("$2 / kg", "two dollars per kilogram"),
        ("$9.99/mo", "nine dollars, ninety-nine cents per month"),
        ("50 EUR/MWh", "fifty euros per megawatt hour"),
        ("in $/kg", "in dollars per kilogram"),
        ("€5/m²", "five euros per square meter"),
        ("$0.10/kWh", "ten cents per kilowatt hour"),
        ("$3/M tokens", "three dollars per million tokens"),
        ("$3/1M tokens", "three dollars per million tokens"),
        ("$5/person", "five dollars per person"),
    ],
)
def test_a_slash_behind_an_amount_is_per(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize("text", ["$", "$x", "$HOME", "a$", "$1.2.3", "€", "$5.5.5", "$6x_1$", "Mr. K had 5 B movies"])
def test_what_is_no_amount_is_left(text: str) -> None:
    assert say(RULES, text) == text
