"""The names of currencies, by symbol and by code."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Currency:
    """One unit's name, several units', and those of its hundredths, if they are in use."""

    one: str
    many: str
    part: str = ""
    parts: str = ""


def _dollar(country: str = "") -> Currency:
    return Currency(f"{country} dollar".strip(), f"{country} dollars".strip(), "cent", "cents")


_EURO = Currency("euro", "euros", "cent", "cents")
_POUND = Currency("pound", "pounds", "penny", "pence")
_YEN = Currency("yen", "yen")
_YUAN = Currency("yuan", "yuan")
_RUPEE = Currency("rupee", "rupees", "paisa", "paise")
_WON = Currency("won", "won")
_RUBLE = Currency("ruble", "rubles", "kopeck", "kopecks")
_SHEKEL = Currency("shekel", "shekels")
_BAHT = Currency("baht", "baht")

SYMBOLS = {
    "$": _dollar(),
    "£": _POUND,
    "€": _EURO,
    "¥": _YEN,
    "₹": _RUPEE,
    "₩": _WON,
    "₽": _RUBLE,
    "₪": _SHEKEL,
    "฿": _BAHT,
    "₫": Currency("dong", "dong"),
    "₱": Currency("peso", "pesos"),
    "₦": Currency("naira", "naira"),
    "₴": Currency("hryvnia", "hryvnias"),
    "₺": Currency("lira", "lira"),
    "₿": Currency("bitcoin", "bitcoin"),
    "¢": Currency("cent", "cents"),
}
COUNTRIES = {
    "US": _dollar("u s"),
    "A": _dollar("australian"),
    "AU": _dollar("australian"),
    "C": _dollar("canadian"),
    "CA": _dollar("canadian"),
    "NZ": _dollar("new zealand"),
    "HK": _dollar("hong kong"),
    "S": _dollar("singapore"),
    "NT": _dollar("new taiwan"),
    "MX": Currency("mexican peso", "mexican pesos"),
    "R": Currency("brazilian real", "brazilian reais", "centavo", "centavos"),
}
"""By the letters before a dollar sign."""

CODES = {
    "USD": _dollar("u s"),
    "EUR": _EURO,
    "GBP": _POUND,
    "JPY": _YEN,
    "CNY": _YUAN,
    "RMB": _YUAN,
    "INR": _RUPEE,
    "Rs": _RUPEE,
    "KRW": _WON,
    "RUB": _RUBLE,
    "ILS": _SHEKEL,
    "THB": _BAHT,
    "CAD": _dollar("canadian"),
    "AUD": _dollar("australian"),
    "NZD": _dollar("new zealand"),
    "HKD": _dollar("hong kong"),
    "SGD": _dollar("singapore"),
    "CHF": Currency("swiss franc", "swiss francs", "centime", "centimes"),
    "SEK": Currency("swedish krona", "swedish kronor"),
    "NOK": Currency("norwegian krone", "norwegian kroner"),
    "DKK": Currency("danish krone", "danish kroner"),
    "PLN": Currency("polish zloty", "polish zlotys"),
    "CZK": Currency("czech koruna", "czech korunas"),
    "HUF": Currency("hungarian forint", "hungarian forints"),
    "BRL": COUNTRIES["R"],
    "MXN": COUNTRIES["MX"],
    "ZAR": Currency("south african rand", "south african rand"),
    "AED": Currency("dirham", "dirhams"),
    "SAR": Currency("saudi riyal", "saudi riyals"),
    "BTC": Currency("bitcoin", "bitcoin"),
    "ETH": Currency("ether", "ether"),
}
