import pytest

from tests.text.structure.plain import plain


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("| Name | Age |\n|------|:---:|\n| Ann | 30 |\n| Bob | |\n\nEnd", "Name, Age\nAnn, 30\nBob\nEnd"),
        ("Name | Age\n--- | ---\nAnn | 30\n\nA | b", "Name, Age\nAnn, 30\nA, b"),
        ("Text\n| a | b |\n|---|---|\n| c | d |\ntext", "Text\na, b\nc, d\ntext"),
        ("> | a | b |\n> |---|---|\n> | c | d |", "a, b\nc, d"),
        ("| **a** | `b` |\n|-|-|\n| [c](d) | e |", "a, b\nc, e"),
        ("| a \\| b | c |", "a, b, c"),
        ("| # | - |\n|---|---|\n| 1. | x |", "#, -\n1., x"),
        ("|x| is 5 and a|b", "|x| is 5 and a|b"),
    ],
)
def test_tables_are_read_cell_by_cell(written: str, expected: str) -> None:
    assert plain(written) == expected
