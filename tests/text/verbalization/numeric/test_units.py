import pytest

from tests.text.verbalization.reading import say
from text.verbalization.numeric import money, ranges, units

RULES = (*money.RULES, *ranges.RULES, *units.RULES)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("20 km/h", "twenty kilometers per hour"),
        ("60 mph", "sixty miles per hour"),
        ("5 kg", "five kilograms"),
        ("1 kg", "one kilogram"),
        ("1.5 kg", "one point five kilograms"),
        ("500g", "five hundred grams"),
        ("20 mg", "twenty milligrams"),
        ("150 lbs", "one hundred fifty pounds"),
        ("1 lb", "one pound"),
        ("12 oz", "twelve ounces"),
        ("16 fl. oz.", "sixteen fluid ounces."),
        ("5 t", "five metric tons"),
        ("6 ft", "six feet"),
        ("6 ft. tall", "six feet tall"),
        ("It is 6 ft. They left.", "It is six feet. They left."),
        ("10m", "ten meters"),
        ("10 cm", "ten centimeters"),
        ("3 mi", "three miles"),
        ("5 yd", "five yards"),
        ("-5 °C", "minus five degrees celsius"),
        ("20°C", "twenty degrees celsius"),
        ("98.6°F", "ninety-eight point six degrees fahrenheit"),
        ("1°C", "one degree celsius"),
        ("90°", "ninety degrees"),
        ("bake at 350F", "bake at three hundred fifty degrees fahrenheit"),
        ("cooled to 4 K", "cooled to four kelvin"),
        ("512 B", "five hundred twelve bytes"),
        ("50 Hz", "fifty hertz"),
        ("3.2 GHz", "three point two gigahertz"),
        ("-80 dBm", "minus eighty d b m"),
        ("8GB/256GB", "eight gigabytes/two hundred fifty-six gigabytes"),
        ("100 Mbps", "one hundred megabits per second"),
        ("5 MB", "five megabytes"),
        ("16GB", "sixteen gigabytes"),
        ("1 TB", "one terabyte"),
        ("512 MiB", "five hundred twelve mebibytes"),
        ("60W", "sixty watts"),
        ("10 kWh", "ten kilowatt hours"),
        ("12V", "twelve volts"),
        ("2000 mAh", "two thousand milliamp hours"),
        ("250 ml", "two hundred fifty milliliters"),
        ("2 L", "two liters"),
        ("3 gal", "three gallons"),
        ("2 pt", "two pints"),
        ("12 pt font", "twelve point font"),
        ("1 tsp", "one teaspoon"),
        ("2 tbsp.", "two tablespoons."),
        ("25 m²", "twenty-five square meters"),
        ("25 m2", "twenty-five square meters"),
        ("5 m^3", "five cubic meters"),
        ("800 sq ft", "eight hundred square feet"),
        ("800 sq. ft.", "eight hundred square feet."),
        ("30 ft²", "thirty square feet"),
        ("4 ha", "four hectares"),
        ("10 s", "ten seconds"),
        ("a 30s clip", "a thirty second clip"),
        ("5 min", "five minutes"),
        ("20 ms", "twenty milliseconds"),
        ("5 µs", "five microseconds"),
        ("2 hrs", "two hours"),
        ("1h30m", "one hour thirty minutes"),
        ("2h 15m", "two hours fifteen minutes"),
        ("5m 30s", "five minutes thirty seconds"),
        ("1h 5min 10s", "one hour five minutes ten seconds"),
        ("120 bpm", "one hundred twenty beats per minute"),
        ("5000 rpm", "five thousand revolutions per minute"),
        ("30 psi", "thirty pounds per square inch"),
        ("60 dB", "sixty decibels"),
        ("300 dpi", "three hundred dots per inch"),
        ("60 fps", "sixty frames per second"),
        ("1920 px", "one thousand, nine hundred twenty pixels"),
        ("12,5 km", "twelve point five kilometers"),
        ("1,234 km", "one thousand, two hundred thirty-four kilometers"),
        (".5 kg", "point five kilograms"),
    ],
)
def test_a_measure_is_said_in_full(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("9.8 m/s²", "nine point eight meters per second squared"),
        ("3 m/s", "three meters per second"),
        ("50 MB/s", "fifty megabytes per second"),
        ("5 g/L", "five grams per liter"),
        ("120 mg/dL", "one hundred twenty milligrams per deciliter"),
        ("5 kg/m³", "five kilograms per cubic meter"),
        ("6 L/100 km", "six liters per one hundred kilometers"),
        ("20 km / h", "twenty kilometers per hour"),
        ("30 requests/s", "30 requests per second"),
        ("5 times/week", "5 times per week"),
        ("in km/h", "in kilometers per hour"),
        ("people per km²", "people per square kilometer"),
        ("five cents per kWh", "five cents per kilowatt hour"),
        ("pay per lb", "pay per pound"),
    ],
)
def test_a_slash_before_a_unit_is_per(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("A 10m (32ft) tunnel", "A ten meter (thirty-two feet) tunnel"),
        ("a 40cm gap", "a forty centimeter gap"),
        ("a 5 kg bag", "a five kilogram bag"),
        ("It weighs 5 kg and is 10 cm long.", "It weighs five kilograms and is ten centimeters long."),
        ("a 10-km run", "a ten kilometer run"),
        ("750ml bottle", "seven hundred fifty milliliter bottle"),
        ('3/8" drill bit', "three eighth inch drill bit"),
        ("8' ceilings", "eight foot ceilings"),
        ('27" monitors', "twenty-seven inch monitors"),
        ("12-oz cans", "twelve ounce cans"),
        ("the 100 m final", "the one hundred meter final"),
        ("the 5 km are", "the five kilometers are"),
        ("a 5-10 km run", "a 5 to ten kilometer run"),
        ("two 5 kg bags", "two five kilogram bags"),
        ("a 3m x 4m room", "a three meter by four meter room"),
    ],
)
def test_a_unit_before_a_noun_has_no_plural(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1/2 tsp", "half a teaspoon"),
        ("½ oz", "half an ounce"),
        ("3/4 tsp", "three quarters of a teaspoon"),
        ("1/4 lb", "one quarter pound"),
        ("1 1/2 tsp", "one and a half teaspoons"),
        ("2½ kg", "two and a half kilograms"),
        ("2 ¼ mi", "two and a quarter miles"),
        ("a 1/2-in pipe", "a half inch pipe"),
        ("a 3/4 in bolt", "a 3/4 in bolt"),
        ("40–60°C", "40 to sixty degrees celsius"),
        ("0-1 kg", "0 to one kilograms"),
        ("7-in-1", "7-in 1"),
    ],
)
def test_fractions_and_ranges_have_units(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("He is 5'10\".", "He is five foot ten."),
        ("5' 10\" tall", "five foot ten tall"),
        ("He is 6'2 now", "He is six foot two now"),
        ("5′10½″", "five foot ten and a half"),
        ("5ft 3in", "five feet three inches"),
        ("5 ft 1 in.", "five feet one inch"),
        ('a 27" monitor', "a twenty-seven inch monitor"),
        ('it is 27" wide', "it is twenty-seven inches wide"),
        ("6' x 8'", "six feet by eight feet"),
        ('24" x 36"', "twenty-four inches by thirty-six inches"),
        ("5 in long", "five inches long"),
        ("5 in. of rain", "five inches of rain"),
        ("5in", "five inches"),
        ("12 in = 1 ft", "twelve inches = one foot"),
        ("40°26′46″N", "forty degrees, twenty-six minutes, forty-six seconds north"),
        ("40.5° W", "forty point five degrees west"),
    ],
)
def test_feet_inches_and_angles_are_read(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    "text",
    [
        "1 in 5",
        "at 5 in the morning",
        "ranked 5 in all",
        '"I am 27" he said',
        '"I counted to 10"',
        "'since 5'",
        "10m followers",
        "a 5g network",
        "Section 12 C",
        "seat 23F",
        "My seat was 23F",
        "Copyright 1996 L. Peter",
        "I saw 12 B movies",
        "by 5 J. Smith",
        "100K",
        "7B parameters",
        "in the 30s",
        "iPhone 5s",
        "the 5s",
        "5 am",
        "5 people",
        "5 N Main St",
        "60 W 42nd St",
        "a 5-a-day plan",
        "Section 5 A",
        "mm, tasty",
        "I'm",
        "1080p",
        "3D",
        "5th",
        "12 monkeys",
    ],
)
def test_what_is_no_measure_is_left(text: str) -> None:
    assert say(RULES, text) == text
