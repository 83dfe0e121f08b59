"""The rules of all classes, in the order in which they are applied."""

from itertools import chain

from text.verbalization import symbols
from text.verbalization.names import abbreviations, acronyms, addresses, initials, roman
from text.verbalization.numeric import fractions, identifiers, mathematics, money, numbers, phone, ranges, ratios, units
from text.verbalization.rule import Rule
from text.verbalization.temporal import dates, times
from text.verbalization.web import web

FIRST: tuple[Rule, ...] = web.RULES
"""Rules for addresses, whose words may be longer than those of prose."""

_MODULES = (
    phone,
    ratios,
    dates,
    times,
    money,
    identifiers,
    ranges,
    units,
    mathematics,
    fractions,
    numbers,
    roman,
    addresses,
    initials,
    abbreviations,
    acronyms,
    symbols,
)

RULES: tuple[Rule, ...] = tuple(chain.from_iterable(module.RULES for module in _MODULES))
"""An earlier rule goes before a later one."""
