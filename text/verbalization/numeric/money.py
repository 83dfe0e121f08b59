"""Money: `$5.50`, `£3m`, `€5,50`, `20¢`, `CHF 80`, `$100-$200`, `a $5 bill`, `$15/hr`."""

import re
from dataclasses import dataclass

from text.verbalization.context import follows, is_adjective, separated
from text.verbalization.numeric.currencies import CODES, COUNTRIES, SYMBOLS, Currency
from text.verbalization.numeric.quantities import NUMBER, plain
from text.verbalization.numeric.unit_names import per_unit
from text.verbalization.rule import Rule
from text.verbalization.words import cardinal, decimal, year

_SYMBOLS = "".join(SYMBOLS)
_LEADING = f"[{_SYMBOLS.replace('¢', '')}]"
_CODE = "|".join(CODES)
_AMOUNT = r"(?:\.[0-9]+|[0-9]+(?:[.,'][0-9]+)*)"
_SCALE = (
    r"(?:[ -]?(?:[Tt]housand|[MmBb]illion|[Tt]rillion|lakh|crore)\b|(?:[kKmMbBtT]|[bmt]n|MM|mm|B[nN]|trn)\b|"
    r" (?:[bmt]n|[MB])\b)"
)
_SCALES = {"k": "thousand", "m": "million", "b": "billion", "t": "trillion"}
_TAIL = (
    r"(?:[ -](?P<again>dollars?|bucks|euros|pounds|USD|CAD|AUD|NZD|HKD|SGD)\b)?"
    r"(?: ?/ ?(?P<per>1?[KMB]\b|[a-z]{1,12}\b|[MGT]B\b|[kMG]Wh\b|L\b|(?:m|ft)[²2]|sq\.? ?ft\b))?"
)
_TIMES = {"K": "thousand", "M": "million", "B": "billion"}


def _prefixed(symbol: str, again: str = "(?P=symbol)") -> re.Pattern[str]:
    """Return the pattern of one amount, or of two in the same currency, behind it; `again` stands before the second."""
    return re.compile(
        rf"(?P<symbol>{symbol})(?P<minus>-)? ?(?P<first>{_AMOUNT})(?P<scale>{_SCALE})?"
        rf"(?:(?P<to>[-–](?:{again})?| [-–] {again}| (?:to|and|or) {again})"
        rf"(?P<second>{_AMOUNT})(?P<scale2>{_SCALE})?(?![\w/-]))?(?!\w|[.,][0-9]){_TAIL}"
    )


_SIGN = re.compile(rf"[-+](?<![\w)\]%-].)(?=(?:US|[AC])?{_LEADING}\.?[0-9])")
_BEHIND_SYMBOL = _prefixed(_LEADING)
_BEHIND_COUNTRY = _prefixed(r"[ACHMNRSU](?<!\w.)[A-Z]?\$", r"(?:(?P=symbol)|\$)")
_BEHIND_RUPEES = _prefixed(r"R(?<!\w.)s\.?")
_BEHIND_CODE = _prefixed(rf"[A-Z](?<!\w.)(?<=(?=(?:{_CODE})).)[A-Z]{{2}}")
_BEFORE_CURRENCY = re.compile(
    rf"(?P<first>{NUMBER})(?P<scale>{_SCALE})?(?:(?P<to> ?[-–] ?| to )(?P<second>{_AMOUNT})(?P<scale2>{_SCALE})?)?"
    rf"(?P<minus>(?!))?[ -]?(?P<symbol>[{_SYMBOLS}]|(?:{_CODE})\b)(?![\w{_SYMBOLS}]){_TAIL}"
)
_SPACED_GROUPS = re.compile(
    r"[1-9](?<!\w.)(?<![0-9][., /-].)[0-9]{0,2}(?: [0-9]{3}){1,4}(?:,[0-9]{1,2})?(?![0-9]|[ .,:/-][0-9])"
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_HUNDREDS = re.compile(r"[12][1-9]00")
_BILL_BEHIND = re.compile(r"[ -](?:bills?|notes?|coins?|gift cards?|range)\b|-(?:an?|per)-")
_UNIT_PRICE = re.compile(r"[$£€](?<!\w.)/(?P<per>[a-z]{1,5}|GB|[kM]Wh|L)\b")
_BILLS = re.compile(r"\$(?P<number>[0-9]{1,3}(?:,?000)?)s\b")


@dataclass(frozen=True)
class _Amount:
    number: str
    """Digits, with at most one point."""
    scale: str
    """`million`, or nothing."""
    currency: Currency

    def words(self, *, is_adjective: bool = False) -> str:
        """Return the amount with its currency."""
        whole, _, hundredths = self.number.partition(".")
        if self.has_parts():
            return self._with_parts(whole, int(hundredths.ljust(2, "0")), is_adjective)
        number = self.number_alone()
        return f"{number} {self.currency.one if is_adjective or number == 'one' else self.currency.many}"

    def has_parts(self) -> bool:
        """Return whether there are cents to be named."""
        hundredths = self.number.partition(".")[2]
        return not self.scale and bool(self.currency.part) and 0 < len(hundredths) <= 2 and int(hundredths) > 0

    def number_alone(self) -> str:
        """Return the number and its scale, without the currency."""
        whole, _, fraction = self.number.partition(".")
        is_whole = not self.scale and (not fraction or (len(fraction) <= 2 and int(fraction) == 0))
        number = _whole(whole) if is_whole else decimal(self.number)
        return f"{number} {self.scale}".strip()

    def _with_parts(self, whole: str, hundredths: int, is_adjective: bool) -> str:
        currency = self.currency
        parts = f"{cardinal(hundredths)} {currency.part if hundredths == 1 or is_adjective else currency.parts}"
        number = cardinal(whole or 0)
        if number == "zero":
            return parts
        units = f"{number} {currency.one if number == 'one' or is_adjective else currency.many}"
        return f"{units} {parts}" if is_adjective else f"{units}, {parts}"


def _whole(number: str) -> str:
    """Return a whole amount in words; 1500 is `fifteen hundred`, as upstream says it."""
    return year(number) if _HUNDREDS.fullmatch(number) else cardinal(number or 0)


def _scale(written: str | None) -> str:
    if not written:
        return ""
    word = written.strip(" -").lower()
    return _SCALES[word[0]] if len(word) <= 3 else word


def _currency(symbol: str, again: str | None) -> Currency | None:
    if again in CODES:
        return CODES[again]
    if symbol.endswith("$") and symbol != "$":
        return COUNTRIES.get(symbol[:-1])
    return SYMBOLS.get(symbol) or CODES.get(symbol.rstrip("."))


def _number(written: str, currency: Currency) -> str | None:
    """Return an amount's digits. `€1.200` is 1200: a point before three digits groups them where cents have two."""
    written = written.replace("'", "")
    if currency is SYMBOLS["€"] and re.fullmatch(r"[1-9][0-9]{0,2}\.[0-9]{2}0", written):
        return written.replace(".", "")
    return plain(written, comma_is_point=True)


def _say(match: re.Match[str]) -> str | None:
    currency = _currency(match["symbol"], match["again"])
    if currency is None:
        return None
    first = _number(match["first"], currency)
    second = _number(match["second"], currency) if match["second"] else None
    if first is None or (match["second"] and second is None):
        return None
    words, per = _amounts(match, first, second, currency), _per(match["per"])
    if match["minus"]:
        words = f"minus {words}"
    if match["per"]:
        words += f" per {per}" if per else match.string[match.start("per") - 1 : match.end("per")]
    return separated(match, words)


def _amounts(match: re.Match[str], first: str, second: str | None, currency: Currency) -> str:
    scale, scale2 = _scale(match["scale"]), _scale(match["scale2"])
    if second is None:
        is_free = not match["again"] and not match["per"]
        is_compound = is_free and (is_adjective(match) or bool(follows(_BILL_BEHIND, match)))
        is_compound = is_compound or match["again"] == "dollar"
        return _Amount(first, scale, currency).words(is_adjective=is_compound)
    link = match["to"].removesuffix(match["symbol"]).strip("".join(SYMBOLS) + " ")
    shares_scale = bool(scale2) and not scale and float(first) < 1000
    is_dash = link in ("-", "–")
    low, high = _Amount(first, scale2 if shares_scale else scale, currency), _Amount(second, scale2, currency)
    spoken_link = "to" if is_dash else link
    if low.has_parts() or high.has_parts() or not (is_dash or shares_scale):
        return f"{low.words()} {spoken_link} {high.words()}"
    lower = low.number_alone()
    if low.scale == high.scale:
        lower = _Amount(first, "", currency).number_alone()
    return f"{lower} {spoken_link} {high.words(is_adjective=is_adjective(match))}"


def _per(written: str | None) -> str | None:
    if not written:
        return None
    if written[-1] in _TIMES:
        return _TIMES[written[-1]] if len(written) <= 2 and written != "B" else per_unit(written)
    return per_unit(written) or (written if written.isalpha() and written.islower() and len(written) > 2 else None)


def _say_code(match: re.Match[str]) -> str | None:
    """Read a code before an amount, but for a year: `CAD 2024` may be a program."""
    return None if match["second"] is None and _YEAR.fullmatch(match["first"]) else _say(match)


def _group(match: re.Match[str]) -> str | None:
    """Put commas for the spaces in `1 234 567`. One space alone may stand between two numbers: `May 12 345 people`."""
    whole, _, hundredths = match[0].partition(",")
    if whole.count(" ") == 1 and not whole.endswith("00") and not hundredths:
        return None
    return whole.replace(" ", ",") + (f".{hundredths}" if hundredths else "")


def _bills(match: re.Match[str]) -> str:
    """Read `$100s` as hundreds of dollars, `$20s` as bills."""
    number = cardinal(match["number"])
    many = {"ten": "tens", "one hundred": "hundreds", "one thousand": "thousands"}.get(number)
    return f"{many} of dollars" if many else f"{number} dollar bills"


def _unit_price(match: re.Match[str]) -> str | None:
    """Read `$/kg`."""
    per = _per(match["per"])
    return f"{SYMBOLS[match[0][0]].many} per {per}" if per else None


RULES = (
    Rule("number", _SPACED_GROUPS, _group),
    Rule("money", _SIGN, lambda match: "minus " if match[0] == "-" else "plus "),
    Rule("money", _BILLS, _bills),
    Rule("money", _UNIT_PRICE, _unit_price),
    Rule("money", _BEHIND_COUNTRY, _say),
    Rule("money", _BEHIND_SYMBOL, _say),
    Rule("money", _BEHIND_RUPEES, _say),
    Rule("money", _BEHIND_CODE, _say_code),
    Rule("money", _BEFORE_CURRENCY, _say),
)
