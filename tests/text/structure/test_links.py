import pytest

from tests.text.structure.plain import plain


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Read [the guide](https://example.com/a) first.", "Read the guide first."),
        ("[a [1] b](u 'title') and [c](<x y>)", "a [1] b and c"),
        ("[wiki](https://en.wikipedia.org/wiki/A_(b)).", "wiki."),
        ("![A dog](dog.png)", "A dog"),
        ("[![Badge](a.svg)](https://a.b) Text", "Badge Text"),
        ("[**bold** text](x)", "bold text"),
        ("[one][1], [two][] \n\n[1]: https://a.b 'A title'\n[two]: <x>", "one, two"),
        ("[one][1] and [two][a] and [note] and [1][2].", "one and [two][a] and [note] and [1][2]."),
        ("So[^1] and so[^note].\n\n[^1]: The first.\n[^note]: The other.", "So and so.\nThe first.\nThe other."),
        ("f[0](x), [1, 2](3) and a[1](b.c)", "f[0](x), [1, 2](3) and a1"),
        ("> [!NOTE]\n> Be careful.", "NOTE\nBe careful."),
        ("`[a](b)` and \\[a](b)", "[a](b) and [a](b)"),
        ("[a] (b) and [a](see below)", "[a] (b) and [a](see below)"),
    ],
)
def test_of_a_link_its_text_is_read(written: str, expected: str) -> None:
    assert plain(written) == expected
