"""Texts that try to break the normaliser, the splitter or the transliteration: mixed fragments of many kinds."""

import math
import string
import sys
from collections.abc import Callable
from random import Random

LONGEST = 10_000

# One fragment of each kind; a text repeats some of them, whole or cut.
# fmt: off
FRAGMENTS = (
    "9", "0", "1,", "12", "1.2.3.4", "00:00", "23:59:59", "1/2/2025", "1/", "-5", "#5", "5%", "7" * 36, "7" * 37,
    "$", "$,1", "$1.,5", "$1.50", "£", "€3.01", "¥9bn", "$1,234,567.89", "123-456-7890", "(123)456-7890", "1st", "0th",
    "(", ")", "[", "]", "{", "}", "((a", "a)b", "[x](y)", "{[(", ")]}", "'", '"', "“", "”", "«", "»",
    ".", "...", "!", "?", ",", ";", ":", "a!", "?!", ".,", "a.b", "No. ", "etc.", "U.S.A.", "Dr. ",
    "<", ">", "> ", "=", "==", "<=", "~", "|", "_", "*", "#", "^", "\\", "/", "%", "@", "&", "+", "-", "--", "-->", "`",
    "<b>", "</b>", "&amp;", "**b**", "# h\n", "- i\n", "|a|b|\n", "```\n", "$$x^2$$", "\\frac{1}{2}", "http://a.b/?c=d",
    "\n", "\r\n", "\r", "\t", " ", "\v", "\f", "\x00", "\x1b[2J", "\x7f", "\x85", "\u00a0", "\u2028", "\ufeff",
    "\ud800", "\udfff", "\ue000", "\U0010ffff", "\u0301", "\u0489", "\u202e", "\u200d", "\ufe0f", "\u0e33",
    "⣿", "⠓", "█", "─", "┼", "■", "▶", "→", "↖", "♞", "✓", "😀", "🇫🇷", "5️⃣", "½", "⅞", "㌀", "﷽", "ﷺ", "①", "鶎",
    "a", "A", "ab", "aB", "AAAs", "HTTPServer", "hello ", "Hello. ", "I said no, and then yes. ", "st", "x1y2",
    "中文", "。", "Привет ", "שלום ", "مرحبا ", "हिन्दी ", "ไทย", "한국어 ", "٣", "५", "\u0130", "ß", "ﬁ",
)
# fmt: on


def _repeated(random: Random, length: int) -> str:
    unit = "".join(random.choices(FRAGMENTS, k=random.randint(1, 3)))
    return (unit * (length // len(unit) + 1))[:length]


def _mixed(random: Random, length: int) -> str:
    few = random.sample(FRAGMENTS, random.randint(2, 12))
    return "".join(random.choices(few, k=length))[:length]


def _ascii(random: Random, length: int) -> str:
    return "".join(random.choices(string.printable, k=length))


def _digits(random: Random, length: int) -> str:
    return "".join(
        random.choices("0123456789" + random.choice(["", " ", ",", ".", "-", "/", ":", "$ ", "% "]), k=length)
    )


def _block(random: Random, length: int) -> str:
    """Random characters of one Unicode block: for example a script, symbols, surrogates or unassigned code points."""
    first = random.randint(0, 0x3FF) if random.random() < 0.1 else random.randrange(0, sys.maxunicode - 0x100)
    if random.random() < 0.7:
        first %= 0x10000
    return "".join(chr(first + random.randrange(0x100)) for _ in range(length))


def _anything(random: Random, length: int) -> str:
    return "".join(chr(random.randrange(random.choice([0x80, 0x3000, 0x10000, 0x110000]))) for _ in range(length))


def _long_words(random: Random, length: int) -> str:
    letters = random.choice([string.ascii_lowercase, string.ascii_letters, string.ascii_letters + "'-_.1", "éß中Я9a"])
    space = random.choice([0, 0.002, 0.01])
    return "".join(" " if random.random() < space else random.choice(letters) for _ in range(length))


def _words(random: Random, length: int) -> str:
    """Prose-like text, so that there are normal sentences which the hostile parts could damage."""
    words = []
    while length > 0:
        words.append("".join(random.choices(string.ascii_lowercase, k=random.randint(1, 9))))
        words[-1] += random.choice([" ", " ", " ", " ", ", ", ". ", "!\n", "? "])
        length -= len(words[-1])
    return "".join(words)


_MAKERS: tuple[Callable[[Random, int], str], ...] = (
    *(_repeated, _repeated, _mixed, _mixed),
    *(_ascii, _digits, _block, _anything, _long_words, _words),
)


def hostile_text(random: Random, longest: int = LONGEST) -> str:
    """Return a text of 1 to `longest` characters. With 10,000, a third have fewer than 10, a sixth more than 1,000."""
    length = round(math.exp(random.random() ** 1.5 * math.log(longest)))
    parts = random.choice([1, 1, 2, 3, 5])
    makers = random.choices(_MAKERS, k=parts)
    return "".join(maker(random, max(1, length // parts)) for maker in makers)[:length] or "a"
