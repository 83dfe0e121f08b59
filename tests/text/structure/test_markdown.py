import pytest

from tests.text.structure.plain import plain


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("This is **bold** and *slanted*, __both__ _ways_ ***too***.", "This is bold and slanted, both ways too."),
        ("*over\ntwo lines* and `code\nover two`", "over two lines and code over two"),
        ("**Note**that and **bold**.", "Notethat and bold."),
        ("Run `soprano serve` or `` a`b ``.", "Run soprano serve or a`b."),
        (r"\*not slanted\* and 2\. \# 5", "*not slanted* and 2. # 5"),
        ("5*3*2, 2**3**2, a * b * c", "5*3*2, 2**3**2, a * b * c"),
        ("def f(*args, **kwargs): return a*2", "def f(*args, **kwargs): return a*2"),
        ("f**k and s**t, snake_case_name", "f**k and s**t, snake_case_name"),
        ("Price* and *so on", "Price* and *so on"),
    ],
)
def test_marks_in_a_line_are_silent(written: str, expected: str) -> None:
    assert plain(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("# Title #\nText\n\n## C#\n#tag #1", "Title\nText\nC#\n#tag #1"),
        ("Title\n=====\nText\n\nOther\n---\nText", "Title\nText\nOther\nText"),
        ("One\n\n***\n\nTwo\n\n- - -\n\nThree", "One\nTwo\nThree"),
        ("1. Mix it\n2. Bake it", "1. Mix it\n2. Bake it"),
        ("1) Mix it\n10) Bake it", "1. Mix it\n10. Bake it"),
        ("1986. What a year", "1986. What a year"),
        ("- 3 eggs\n- milk\n  - of cows\n\n* tea\n+ a cup", "3 eggs\nmilk\nof cows\ntea\na cup"),
        ("- Visit New\n  York soon\n- Then\n\n  Go on", "Visit New York soon\nThen\nGo on"),
        ("1. 2. - a", "1. 2. a"),
        ("- [x] done\n- [ ] open", "done\nopen"),
        ("-5 degrees\n+1 for it\n#1 of all", "-5 degrees\n+1 for it\n#1 of all"),
        ("> Quoted\n> words\n>> twice\n\nAnswer", "Quoted words\ntwice\nAnswer"),
        ("> 50 kg", "> 50 kg"),
        (">5 of them", ">5 of them"),
        ("> 50 people came\n> and left", "50 people came and left"),
        ("> 1. one", "1. one"),
        ("> - a\n> - b\n>\n> c", "a\nb\nc"),
        ("A  \nB\\\nC", "A\nB\nC"),
        ("```python\na = 1\n  b = 2\n```\nafter", "a = 1\nb = 2\nafter"),
        ("> ~~~\n> x\n> y\n> ~~~", "x\ny"),
        ("1. Do:\n   ```sh\n   make\n   ```\n2. Go", "1. Do:\nmake\n2. Go"),
        ("```never closed\na\nb", "never closed\na\nb"),
        ("```print(1)```", "print(1)"),
        ("Line --- with dashes\nAnd -- more", "Line --- with dashes\nAnd -- more"),
        ("[note] here and [1]", "[note] here and [1]"),
        ("    indented text", "indented text"),
    ],
)
def test_blocks_stand_alone(written: str, expected: str) -> None:
    assert plain(written) == expected


@pytest.mark.parametrize("mark", ["> ", "- ", "1. ", "* "])
def test_however_deeply_it_is_nested_the_text_is_read(mark: str) -> None:
    assert plain(mark * 500 + "word").endswith("word")
