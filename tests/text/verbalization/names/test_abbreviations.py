import pytest

from tests.text.verbalization.reading import say
from text.verbalization.names.abbreviations import RULES


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Mr. Brown", "mister Brown"),
        ("Mr Bean met Mrs Hall and Dr Who.", "mister Bean met misess Hall and doctor Who."),
        ("Ms. Ortiz", "miss Ortiz"),
        ("Ms Ortiz", "miss Ortiz"),
        ("Mr. and Mrs. Smith", "mister and misess Smith"),
        ("Prof. Xu saw Mt. Fuji.", "professor Xu saw mount Fuji."),
        ("Rev. King", "reverend King"),
        ("Gov. Lopez", "governor Lopez"),
        ("Sen. and Rep. Smith", "senator and representative Smith"),
        ("Lt. Gen. Grant", "lieutenant general Grant"),
        ("Lt. Col. Smith", "lieutenant colonel Smith"),
        ("Gen. Grant", "general Grant"),
        ("Sgt. Pepper", "sergeant Pepper"),
        ("Sgt Pepper", "sergeant Pepper"),
        ("Hon. Jane Roe", "honorable Jane Roe"),
        ("Fr. Brown", "father Brown"),
        ("Ft. Knox", "fort Knox"),
        ("Mr. O'Neil", "mister O'Neil"),
    ],
)
def test_a_title_stands_before_a_name(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("We sell pens, paper, etc. to schools.", "We sell pens, paper, et cetera to schools."),
        ("Bring food, etc. We leave at noon.", "Bring food, et cetera. We leave at noon."),
        ("pens, etc.", "pens, et cetera."),
        ("pens (paper, etc.) are", "pens (paper, et cetera) are"),
        ("pens, etc., are", "pens, et cetera, are"),
        ("Apple Inc. is hiring", "Apple incorporated is hiring"),
        ("He works at Acme Inc. He likes it.", "He works at Acme incorporated. He likes it."),
        ("Apple Inc. CEO Tim", "Apple incorporated CEO Tim"),
        ("Acme, Inc., said", "Acme, incorporated, said"),
        ("Smith & Co. is old", "Smith & company is old"),
        ("John F. Jr. spoke", "John F. junior spoke"),
        ("Warner Bros. Pictures", "Warner brothers Pictures"),
        ("the Dept. of Labor", "the department of Labor"),
        ("Smith et al. found", "Smith et al found"),
        ("by Smith et al. The test", "by Smith et al. The test"),
        ("Ali vs. Frazier", "Ali versus Frazier"),
        ("Ali vs Frazier", "Ali versus Frazier"),
        ("Roe v. Wade", "Roe v Wade"),
        ("approx. 20 minutes", "approximately 20 minutes"),
        ("avg. speed", "average speed"),
        ("incl. tax", "including tax"),
        ("ca. 1850", "circa 1850"),
        ("cf. Smith", "compare Smith"),
        ("Est. 1920", "established 1920"),
        ("est. cost", "estimated cost"),
        ("2nd ed. of it", "2nd edition of it"),
        ("(ed.)", "(editor)"),
        ("ed. by Bob", "edited by Bob"),
    ],
)
def test_a_full_stop_stays_only_where_a_sentence_ends(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("No. 9", "number 9"),
        ("Nos. 3 and 4", "numbers 3 and 4"),
        ("p. 12", "page 12"),
        ("pp. three to five", "pages three to five"),
        ("p. xii", "page xii"),
        ("ch. 7", "chapter 7"),
        ("Fig. 2", "figure 2"),
        ("Fig. A", "figure A"),
        ("vol. 3", "volume 3"),
        ("sec. 3", "section 3"),
        ("Art. 5", "article 5"),
        ("ext. 42", "extension 42"),
        ("Apt. 4B", "apartment 4B"),
        ("Ste. 200", "suite 200"),
        ("max. 10", "maximum 10"),
    ],
)
def test_a_reference_stands_before_a_number(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("closed Tues. and Thurs. in winter", "closed tuesday and thursday in winter"),
        ("Mon.-Fri., Sat. only", "monday-friday, saturday only"),
        ("Sept. and Oct. are best", "september and october are best"),
        ("Jan-Mar. only", "Jan-march only"),
        ("Tue and Thu", "tuesday and thursday"),
        ("In Jan. it snows", "In january it snows"),
        ("Jan went home early.", "jan went home early."),
        ("I met Jan. She left.", "I met jan . She left."),
        ("Sat by the fire", "sat by the fire"),
        ("Ave Maria", "ave Maria"),
        ("Del Mar is far", "Del mar is far"),
    ],
)
def test_days_and_months_are_told_from_names_and_verbs(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("coffee w/o milk", "coffee without milk"),
        ("a burger w/ cheese", "a burger with cheese"),
        ("w/cheese", "with cheese"),
        ("b/c it rained", "because it rained"),
        ("c/o Jane", "care of Jane"),
        ("N/A", "n a"),
    ],
)
def test_a_slash_abbreviates(written: str, said: str) -> None:
    assert say(RULES, written) == said


def test_upstream_is_kept_from_reading_a_word_as_a_title() -> None:
    assert say(RULES, "Thanks, hon. I know.") == "Thanks, hon . I know."
    assert say(RULES, "Give it a rev. Then go.") == "Give it a rev . Then go."


@pytest.mark.parametrize(
    "text",
    [
        "Did he blink? No. Did he smile? Yes.",
        "Oh no. It broke.",
        "the answer was still no.",
        "Please come in. The door is open.",
        "One scratch will mar the finish.",
        "The Sun. It is hot.",
        "You may go now. May I come too?",
        "It is art. The art is good.",
        "He met Max. Then Ed. left.",
        "Gen Z and Gen X",
        "Gen. Z",
        "Since Jan we wait, and every Sat we run.",
        "one more rep. Then rest",
        "and/or",
    ],
)
def test_words_that_look_like_abbreviations_are_left(text: str) -> None:
    assert say(RULES, text) == text
