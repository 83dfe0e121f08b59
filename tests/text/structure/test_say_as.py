import pytest

from tests.text.structure.plain import plain


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("characters", "FBI-9", "f b i dash nine"),
        ("spell-out", "a.b", "a dot b"),
        ("verbatim", "x y", "x y"),
        ("digits", "2024", "two zero two four"),
        ("cardinal", "1,234", "one thousand, two hundred thirty-four"),
        ("number", "-3.14", "minus three point one four"),
        ("ordinal", "21", "twenty-first"),
        ("telephone", "+1 (555) 123", "plus one, five five five, one two three"),
        ("date", "1/2/2020", "1/2/2020"),
        ("currency", "$5", "$5"),
        ("cardinal", "many", "many"),
        ("unknown", "5", "5"),
    ],
)
def test_contents_are_read_as_their_kind(kind: str, content: str, expected: str) -> None:
    assert plain(f'<say-as interpret-as="{kind}">{content}</say-as>') == expected
