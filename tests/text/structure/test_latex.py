import pytest

from tests.text.structure.plain import plain


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (r"So $6x_1 \leq 24$ holds.", "So six x one is less than or equal to twenty-four holds."),
        (r"$E = mc^2$", "e equals m c squared"),
        (r"$$x^3 + y^n$$", "x cubed plus y to the power of n"),
        (r"$x^{n+1}$", "x to the n plus one"),
        (r"\(\frac{a}{b}\)", "a over b"),
        (r"\[\frac{1}{2}, \frac{3}{4}, \frac{2}{3}\]", "one half, three quarters, two thirds"),
        (r"$\sqrt{x^2+1}$", "the square root of x squared plus one"),
        (r"$\sqrt[3]{8}$ and $\sqrt[4]{y}$", "the cube root of eight and the fourth root of y"),
        (r"$a \geq b \neq c$", "a is greater than or equal to b is not equal to c"),
        (r"$2 \times 3 \cdot x \div y \pm 1$", "two times three times x divided by y plus or minus one"),
        (r"$\pi \approx 3.14$, $\alpha \to \infty$", "pi is approximately three point one four, alpha to infinity"),
        (r"$\sum_{i=1}^{n} x_i$", "the sum from i equals one to n of x i"),
        (r"$\lim_{x \to 0} f(x) = 1$", "the limit as x to zero of f of x, equals one"),
        (r"$\text{area} = \pi r^2$", "area equals pi r squared"),
        (r"$90^\circ$ and the $n$th", "ninety degrees and the nth"),
        (r"$\left( x \right)$", "x"),
        (r"$-x$", "minus x"),
        (r"$|x|$, $n!$ and $f'(x)$", "x, n factorial and f prime, x"),
        (r"$\bar{x} = \vec{v}$", "x bar equals vector v"),
    ],
)
def test_simple_formulas_are_read(written: str, expected: str) -> None:
    assert plain(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        "It costs $5 and $10.",
        "US$5, or US$ as such",
        "from $5-$10 to $20b",
        "$HOME/bin:$PATH",
        "$ENV_VAR and $OTHER_VAR",
        "I have $20 and a$ too",
    ],
)
def test_money_and_variables_are_no_formulas(written: str) -> None:
    assert plain(written) == written


@pytest.mark.parametrize(
    "written", [r"$\frac{a}$", "$x^{y$", r"$\sqrt[3$", "$" + "x^{" * 30 + "}" * 30 + "$", "$" + "a))" * 90 + ",$"]
)
def test_what_is_no_formula_does_not_raise(written: str) -> None:
    assert plain(written)
