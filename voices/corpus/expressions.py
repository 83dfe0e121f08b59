"""Sentences with what everyday texts are full of and prose is not: names, initials, dates, times, amounts, numbers."""

import calendar
import random
import re
from collections.abc import Iterator, Sequence
from itertools import cycle

import inflect

_ordinal = inflect.engine().ordinal  # 21: "21st"
_UNITS = ("kg", "km", "miles", "mph", "MB", "GB", "cm", "meters", "degrees", "minutes", "hours", "euros", "people")
_SCALES = ("thousand", "million", "billion")
_NUMBERED = ("room", "page", "chapter", "flight", "section", "gate", "bus", "form", "number", "version", "line")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# What an expression may follow; it replaces the word after this one.
_BEFORE = re.compile(r"\b(the|of|to|in|for|with|on|at|by|from|and|or|is|was|about|than|like|near) [a-z']+\b")
_LONGEST_FRAME = 140  # characters
_ALONE = 0.1  # of the sentences are an expression only


class Expressions:
    """Draws expressions as people write them: `FBI`, `Tokyo`, `May 9th, 2024`, `7:45 p.m.`, `$1,249.99`, `65 mph`.

    `names` may have a name more than once; half of the names are drawn from these, half from the different ones.
    """

    def __init__(self, names: Sequence[str], initials: Sequence[str], draw: random.Random) -> None:
        self._names, self._different = list(names), sorted(set(names))
        self._initials = sorted(set(initials))
        self._draw = draw
        # The kind of an expression and its share.
        self._kinds = {self._name: 0.32, self._some_initials: 0.28, self._date: 0.12, self._time: 0.07}
        self._kinds |= {self._amount: 0.08, self._measure: 0.06, self._numbered: 0.04, self._digits: 0.03}

    def __call__(self) -> str:
        """The next expression."""
        (kind,) = self._draw.choices(list(self._kinds), list(self._kinds.values()))
        return kind()

    def _name(self) -> str:
        first, second = (self._draw.choice(self._names if self._draw.random() < 0.5 else self._different) for _ in "ab")
        return f"{first}, {second}," if self._draw.random() < 0.15 else first

    def _some_initials(self) -> str:
        if self._draw.random() < 0.5:
            return self._draw.choice(self._initials)
        return "".join(self._draw.choices(_LETTERS, k=self._draw.choice((2, 2, 3, 3, 3, 4))))

    def _date(self) -> str:
        month, weekday = self._draw.choice(calendar.month_name[1:]), self._draw.choice(list(calendar.day_name))
        day, year = self._draw.randint(1, 28), self._draw.randint(1700, 2030)
        date = f"{month} {day}"
        days = (date, f"{date}, {year}", f"{month} {_ordinal(str(day))}", f"{weekday}, {date}")
        return self._draw.choice((*days, f"{month} of {year}", f"{year}", weekday))

    def _time(self) -> str:
        hour, minute, half = self._draw.randint(1, 12), self._draw.randint(0, 59), self._draw.choice("ap")
        return self._draw.choice((f"{hour} {half}.m.", f"{hour}:{minute:02} {half}.m.", f"{hour}:{minute:02}"))

    def _amount(self) -> str:
        dollars, cents = self._draw.randint(1, 10 ** self._draw.randint(1, 4)), self._draw.randint(0, 99)
        scale, percent = self._draw.choice(_SCALES), self._draw.randint(1, 100)
        large = f"{self._draw.randint(1, 99)}.{self._draw.randint(1, 9)} {scale}"
        return self._draw.choice((f"${dollars:,}", f"${dollars:,}.{cents:02}", f"${large}", large, f"{percent}%"))

    def _measure(self) -> str:
        number = self._draw.randint(1, 10 ** self._draw.randint(1, 4))
        return f"{number:,} {self._draw.choice(_UNITS)}"

    def _numbered(self) -> str:
        what, number = self._draw.choice(_NUMBERED), self._draw.randint(1, 10 ** self._draw.randint(1, 3))
        numbers = (f"{number}", f"{number}.{self._draw.randint(1, 9)}", f"{self._draw.choice(_LETTERS)}{number}")
        label = self._draw.choice(numbers)
        return self._draw.choice((f"{_ordinal(str(number))} {what}", f"{what} {number}", f"{what} {label}"))

    def _digits(self) -> str:
        return "555-0" + "".join(self._draw.choices("0123456789", k=3))


def with_expressions(frames: Sequence[str], expressions: Expressions, draw: random.Random) -> Iterator[str]:
    """Endless sentences: `frames` in which expressions stand for one to three words, and expressions alone."""
    usable = [frame for frame in frames if len(frame) <= _LONGEST_FRAME and _BEFORE.search(frame)]
    for frame in cycle(usable):
        if draw.random() < _ALONE:
            yield expressions().strip(",") + draw.choice("...?!")
        places = list(_BEFORE.finditer(frame))
        replaced = draw.sample(places, min(len(places), draw.randint(1, 3)))
        for place in sorted(replaced, key=re.Match.start, reverse=True):
            frame = f"{frame[: place.end(1)]} {expressions()}{frame[place.end() :]}"
        yield re.sub(r",([,.;?!])", r"\1", frame)
