import pytest

from tests.text.structure.plain import plain


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("This is <b>bold</b> and <i class='x'>slanted</i>.", "This is bold and slanted."),
        ("<p>Hello,<br>World</p><p>Bye</p>", "Hello,\nWorld\nBye"),
        ("<h1>Title</h1>\n<div>\n  Text over\n  two lines\n</div>", "Title\nText over two lines"),
        ("<p>We saw New\nYork</p>\nOne\nTwo", "We saw New York\nOne\nTwo"),
        ("<p>One\nTwo\n\nThree", "One\nTwo\nThree"),
        ("<ul>\n  <li>One</li>\n  <li>Two</li>\n</ul>", "One\nTwo"),
        ("<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>", "A, B\n1, 2"),
        ("<pre>A = 1\n<code>b</code> = 2</pre>", "A = 1\nb = 2"),
        ('<a href="https://a.b/?c=1&d=2">A link</a>', "A link"),
        ('See <img src="a.png" alt="A dog &amp; a cat"/>.', "See A dog & a cat."),
        ("x<sup>2</sup>, H<sub>2</sub>O, 5<sup>th</sup>", "x², H2O, 5th"),
        ("<script>alert(1)</script>Yes<style>p {}</style>", "Yes"),
        ("Never <script>closed", "Never closed"),
        ("One <!-- no --> two <!DOCTYPE html> three", "One two three"),
        ("One <!-- never closed", "One <!-- never closed"),
        ("Fish &amp; chips &quot;now&quot;&nbsp;&#39;n&#x27; &lt;b&gt;", "Fish & chips \"now\" 'n' <b>"),
        ("AT&T; &copyright; &unknown; R&D", "AT&T; &copyright; &unknown; R&D"),
        ("a <b and c> d", "a <b and c> d"),
        (
            "List<String> and std::vector<int>, #include <stdio.h>",
            "List<String> and std::vector<int>, #include <stdio.h>",
        ),
        ("1 < 2 and 3 > 2, x<y>z", "1 < 2 and 3 > 2, x<y>z"),
        ("See <https://a.b/c_d> or <me@a.b>.", "See https://a.b/c_d or me@a.b."),
        ("Use `<b>` for <b>bold</b>.", "Use <b> for bold."),
        ("<input type=checkbox checked> Yes", "Yes"),
    ],
)
def test_tags_are_taken_out(written: str, expected: str) -> None:
    assert plain(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('<speak>Hello <break time="1s"/> world.</speak>', "Hello [1] world."),
        ("<speak>\n  We saw New\n  York\n</speak>", "We saw New York"),
        ("<speak><p>One</p><s>Two</s><s>Three</s></speak>", "One\nTwo\nThree"),
        ('<sub alias="World Wide Web">WWW</sub> now', "World Wide Web now"),
        ('<phoneme alphabet="ipa" ph="x">pecan</phoneme>', "pecan"),
        ('<prosody rate="slow">Slowly</prosody> <emphasis>now</emphasis>', "Slowly now"),
        ('<amazon:effect name="whispered">Psst</amazon:effect>', "Psst"),
        ('<voice name="x"><lang xml:lang="fr-FR">Oui</lang></voice><voice name="y">Non</voice>', "Oui Non"),
    ],
)
def test_ssml_is_read(written: str, expected: str) -> None:
    assert plain(written) == expected
