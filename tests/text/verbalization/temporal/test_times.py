import pytest

from tests.text.verbalization.reading import say
from text.verbalization.temporal.times import RULES


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("at 8:00 AM.", "at eight a m."),
        ("9:30PM", "nine thirty p m"),
        ("3pm, 3 p.m. sharp", "three p m, three p m sharp"),
        ("7:05 p.m. sharp", "seven oh five p m sharp"),
        ("9:30 a.m., a little", "nine thirty a m, a little"),
        ("12:00 PM", "twelve p m"),
        ("8.30 pm", "eight thirty p m"),
        ("8:30am", "eight thirty a m"),
        ("9 AM EST", "nine a m EST"),
        ("8 p.m. ET", "eight p m ET"),
        ("8 p.m. Sunday", "eight p m Sunday"),
        ("at 9 a.m. Come early.", "at nine a m. Come early."),
        ("at 9 a.m.", "at nine a m."),
        ('"It is 9 p.m." He left.', '"It is nine p m." He left.'),
        ("(9 a.m.) and", "(nine a m) and"),
    ],
)
def test_am_and_pm_are_letters_and_the_sentence_keeps_its_full_stop(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("at 8:00", "at eight o'clock"),
        ("at 08:00", "at eight o'clock"),
        ("at 07:05", "at seven oh five"),
        ("12:30", "twelve thirty"),
        ("00:00", "midnight"),
        ("20:00", "twenty hundred"),
        ("19:45", "nineteen forty-five"),
        ("14:30 UTC", "fourteen thirty UTC"),
        ("14:45 h", "fourteen forty-five"),
        ("14h30", "fourteen thirty"),
        ("at 14:03:22", "at fourteen oh three twenty-two"),
        ("at 10:00:30", "at ten oh oh thirty"),
        ("14:30:00 UTC", "fourteen thirty UTC"),
    ],
)
def test_a_time_without_half_of_the_day_is_read_by_the_clock(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("3-5 pm", "three to five p m"),
        ("9am-5pm", "nine a m to five p m"),
        ("10:30–11:45 a.m. daily", "ten thirty to eleven forty-five a m daily"),
        ("9:00-17:00", "nine o'clock to seventeen hundred"),
        ("6-7:30pm", "six to seven thirty p m"),
        ("from 9:00 to 5:00 p.m. daily", "from nine to five p m daily"),
        ("between 1:30 and 2:30", "between one thirty and two thirty"),
        ("2:30 p.m.-to-4:00 p.m. slot", "two thirty p m to four p m slot"),
    ],
)
def test_a_span_of_time_is_read_with_to(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("the race in 1:02:30.", "the race in one hour, two minutes, thirty seconds."),
        ("the race starts at 1:02:30", "the race starts at one oh two thirty"),
        ("The song is 3:45 long.", "The song is three forty-five long."),
        ("a 3:00 video", "a three minute video"),
        ("ran it in 25:30", "ran it in twenty-five thirty"),
        ("her mile in 3:58.4", "her mile in three fifty-eight point four"),
        ("the mile in 5'30\".", "the mile in five minutes, thirty seconds."),
        ("takes 2h 15m.", "takes two hours, fifteen minutes."),
        ("a pace of 7'05\"", "a pace of seven minutes, five seconds"),
        ("for 1:30 hours", "for one hour, thirty minutes"),
        ("14:30 hours", "fourteen thirty hours"),
        ("3:45 minutes", "three minutes, forty-five seconds"),
        ("1 hr 5 min", "one hour, five minutes"),
        ("2m 30s", "two minutes, thirty seconds"),
    ],
)
def test_a_duration_is_read_with_its_units(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    "text",
    [
        "10-20",
        "16:90",
        "1.5",
        "$3:00",
        "5 amps, 3 p, 3 per",
        "a 6'2\" man ran",
        "6 o'clock",
        "localhost:80",
        "12:5",
        "30 pm",
    ],
)
def test_what_is_no_time_is_left(text: str) -> None:
    assert say(RULES, text) == text
