import pytest

from tests.text.verbalization.reading import say
from text.verbalization.names.acronyms import RULES


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("The US and the FBI agree.", "The u s and the f b i agree."),
        ("Give US troops time.", "Give u s troops time."),
        ("made in the USA", "made in the u s a"),
        ("the EU, the UK and USDA", "the e u, the u k and u s d a"),
        ("Call me ASAP.", "Call me a s a p."),
        ("She works in IT at a bank.", "She works in i t at a bank."),
        ("The IT department helps.", "The i t department helps."),
        ("The WHO said so.", "The w h o said so."),
        ("The TV is OK now.", "The t v is o k now."),
        ("CPUs and two CEOs met", "c p u's and two c e o's met"),
        ("NBC's new show", "n b c's new show"),
        ("US-based and pre-EU", "u s-based and pre-e u"),
        ("WWII began", "world war two began"),
        ("Put AAA batteries in.", "Put triple a batteries in."),
        ("Q&A with AT&T about R&D", "q and a with a t and t about r and d"),
        ("TCP/IP and HIV/AIDS", "t c p i p and h i v aids"),
        ("a JPEG file", "a jay peg file"),
        ("the YMCA", "the y m c a"),
        ("IEEE", "i triple e"),
        ("IBM, BMW, GDP, CPI, IRA, NYU, MIT", "i b m, b m w, g d p, c p i, i r a, n y u, m i t"),
    ],
)
def test_a_short_acronym_is_letters(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    "text",
    [
        "NASA, NATO, UNESCO, UNICEF, FIFA, NAFTA, FEMA, OSHA, POTUS",
        "a GIF, 16 GB of RAM, a SIM, your PIN and JSON",
        "LOL",
        "DO NOT OPEN THIS DOOR.",
        "I am SO HAPPY that you came, REALLY.",
        "It is NOT a drill. WHO are you?",
        "PLEASE STOP IT. I LOVE YOU ALL",
        "ANNUAL REPORT OF THE COMMITTEE",
        "CHAPTER ONE",
        "WHAT IT SAYS TO US IS CLEAR",
        "vitamin C, plan B, an A and I",
        "Wi-Fi, X-ray, T-shirt and T-Rex",
        "YouTube on my iPad",
        "McDonald and JavaScript",
    ],
)
def test_what_is_read_as_a_word_is_left(text: str) -> None:
    assert say(RULES, text) == text


def test_an_acronym_in_a_shouted_line_is_letters_if_it_is_known() -> None:
    assert say(RULES, "NEWS FROM THE FBI AND THE USA") == "NEWS FROM THE f b i AND THE u s a"


def test_a_list_of_acronyms_is_not_shouted() -> None:
    assert say(RULES, "NBA, NFL, MLB, WNBA and ERA") == "n b a, n f l, m l b, w n b a and e r a"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("GPT-4 and GPT-4o", "g p t four and g p t four o"),
        ("GPT-3.5", "g p t three point five"),
        ("an MP3 file and MP3s", "an m p three file and m p threes"),
        ("COVID-19", "covid nineteen"),
        ("H2O and CO2", "h two o and c o two"),
        ("a B2B company", "a b two b company"),
        ("a 4K TV in 3D with 5G", "a four k t v in three d with five g"),
        ("A4 paper", "a four paper"),
        ("F-16, B-52s and an A320", "f sixteen, b fifty-twos and an a three twenty"),
        ("vitamin B12", "vitamin b twelve"),
        ("PS5 and M1", "p s five and m one"),
        ("R2-D2 and C-3PO", "r two d two and c three p o"),
        ("G20, K-12, I-95", "g twenty, k twelve, i ninety-five"),
        ("HTML5, UTF-8, SHA-256", "h t m l five, u t f eight, s h a two fifty-six"),
        ("Y2K", "y two k"),
    ],
)
def test_digits_in_a_name_are_numbers(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("a PhD in history", "a p h d in history"),
        ("iOS and macOS", "i o s and mac o s"),
        ("ChatGPT by OpenAI", "chat g p t by open a i"),
        ("mRNA and pH", "m r n a and p h"),
        ("LLMs and VMs", "l l m's and v m's"),
        ("JPMorgan", "JPMorgan"),
        ("MySQL", "my s q l"),
    ],
)
def test_names_in_mixed_case_keep_their_letters(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize("text", ["$5M", "3B people", "9AM", "1.5K", "x86", "12-34", "a-b", "A", "I"])
def test_numbers_and_single_letters_are_left(text: str) -> None:
    assert say(RULES, text) == text
