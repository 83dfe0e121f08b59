"""The names of units by their symbols."""

_PREFIXES = {"": "", "k": "kilo", "M": "mega", "G": "giga", "T": "tera", "m": "milli", "µ": "micro", "n": "nano"}

_REGULAR = {
    "m": "meter",
    "km": "kilometer",
    "dm": "decimeter",
    "cm": "centimeter",
    "mm": "millimeter",
    "µm": "micrometer",
    "nm": "nanometer",
    "g": "gram",
    "kg": "kilogram",
    "kgs": "kilogram",
    "mg": "milligram",
    "mcg": "microgram",
    "µg": "microgram",
    "t": "metric ton",
    "l": "liter",
    "L": "liter",
    "dl": "deciliter",
    "dL": "deciliter",
    "cl": "centiliter",
    "cL": "centiliter",
    "ml": "milliliter",
    "mL": "milliliter",
    "ha": "hectare",
    "lb": "pound",
    "lbs": "pound",
    "oz": "ounce",
    "yd": "yard",
    "yds": "yard",
    "mi": "mile",
    "gal": "gallon",
    "qt": "quart",
    "qts": "quart",
    "pt": "pint",
    "pts": "point",
    "tsp": "teaspoon",
    "tsps": "teaspoon",
    "tbsp": "tablespoon",
    "tbsps": "tablespoon",
    "Tbsp": "tablespoon",
    "Tbsps": "tablespoon",
    "tbs": "tablespoon",
    "s": "second",
    "sec": "second",
    "secs": "second",
    "ms": "millisecond",
    "µs": "microsecond",
    "ns": "nanosecond",
    "min": "minute",
    "mins": "minute",
    "h": "hour",
    "hr": "hour",
    "hrs": "hour",
    "wk": "week",
    "wks": "week",
    "mo": "month",
    "mos": "month",
    "yr": "year",
    "yrs": "year",
    "B": "byte",
    "kB": "kilobyte",
    "kb": "kilobyte",
    "KB": "kilobyte",
    "mb": "megabyte",
    "gb": "gigabyte",
    "tb": "terabyte",
    "PB": "petabyte",
    "Kb": "kilobit",
    "Mb": "megabit",
    "Gb": "gigabit",
    "Mbit": "megabit",
    "Gbit": "gigabit",
    "KiB": "kibibyte",
    "MiB": "mebibyte",
    "GiB": "gibibyte",
    "TiB": "tebibyte",
    "Wh": "watt hour",
    "kWh": "kilowatt hour",
    "kwh": "kilowatt hour",
    "MWh": "megawatt hour",
    "GWh": "gigawatt hour",
    "TWh": "terawatt hour",
    "Ah": "amp hour",
    "mAh": "milliamp hour",
    "cal": "calorie",
    "kcal": "kilocalorie",
    "Nm": "newton meter",
    "hPa": "hectopascal",
    "mbar": "millibar",
    "dB": "decibel",
    "px": "pixel",
    "MP": "megapixel",
    "Mpx": "megapixel",
    "kts": "knot",
    "kn": "knot",
    "mol": "mole",
    "mmol": "millimole",
    "cc": "cubic centimeter",
    "sqm": "square meter",
}
_PREFIXED = {
    "W": ("watt", "mkMGT"),
    "V": ("volt", "mkMµ"),
    "A": ("amp", "mkµ"),
    "J": ("joule", "kMG"),
    "N": ("newton", "k"),
    "Pa": ("pascal", "kMG"),
    "eV": ("electronvolt", "kMGT"),
    "B": ("byte", "MGT"),
    "Ω": ("ohm", "kM"),
    "lm": ("lumen", ""),
}
_IRREGULAR = {
    "ft": ("foot", "feet"),
    "in": ("inch", "inches"),
    "Hz": ("hertz", "hertz"),
    "kHz": ("kilohertz", "kilohertz"),
    "MHz": ("megahertz", "megahertz"),
    "GHz": ("gigahertz", "gigahertz"),
    "THz": ("terahertz", "terahertz"),
    "dBm": ("d b m", "d b m"),
    "hp": ("horsepower", "horsepower"),
    "K": ("kelvin", "kelvin"),
    "°": ("degree", "degrees"),
    "°C": ("degree celsius", "degrees celsius"),
    "°F": ("degree fahrenheit", "degrees fahrenheit"),
    "°K": ("kelvin", "kelvin"),
    "mph": ("mile per hour", "miles per hour"),
    "MPH": ("mile per hour", "miles per hour"),
    "kph": ("kilometer per hour", "kilometers per hour"),
    "kmh": ("kilometer per hour", "kilometers per hour"),
    "mpg": ("mile per gallon", "miles per gallon"),
    "rpm": ("revolution per minute", "revolutions per minute"),
    "RPM": ("revolution per minute", "revolutions per minute"),
    "bpm": ("beat per minute", "beats per minute"),
    "BPM": ("beat per minute", "beats per minute"),
    "wpm": ("word per minute", "words per minute"),
    "psi": ("pound per square inch", "pounds per square inch"),
    "PSI": ("pound per square inch", "pounds per square inch"),
    "ppm": ("part per million", "parts per million"),
    "ppb": ("part per billion", "parts per billion"),
    "fps": ("frame per second", "frames per second"),
    "FPS": ("frame per second", "frames per second"),
    "dpi": ("dot per inch", "dots per inch"),
    "DPI": ("dot per inch", "dots per inch"),
    "ppi": ("pixel per inch", "pixels per inch"),
    "bps": ("bit per second", "bits per second"),
    "kbps": ("kilobit per second", "kilobits per second"),
    "Kbps": ("kilobit per second", "kilobits per second"),
    "Mbps": ("megabit per second", "megabits per second"),
    "mbps": ("megabit per second", "megabits per second"),
    "Gbps": ("gigabit per second", "gigabits per second"),
    "gbps": ("gigabit per second", "gigabits per second"),
    "MBps": ("megabyte per second", "megabytes per second"),
    "GBps": ("gigabyte per second", "gigabytes per second"),
}
_POWERS = {"²": "square", "2": "square", "³": "cubic", "3": "cubic", "sq": "square", "cu": "cubic"}
_LENGTHS = frozenset(("m", "km", "dm", "cm", "mm", "µm", "ft", "in", "yd", "mi"))


def _all_units() -> dict[str, tuple[str, str]]:
    units = {symbol: (name, f"{name}s") for symbol, name in _REGULAR.items()} | _IRREGULAR
    for symbol, (name, prefixes) in _PREFIXED.items():
        for prefix in ("", *prefixes):
            spoken = f"{_PREFIXES[prefix]}{name}".replace("ao", "o")
            units[prefix + symbol] = (spoken, f"{spoken}s")
    units |= {symbol.replace("µ", "μ"): name for symbol, name in units.items() if "µ" in symbol}
    return units


_UNITS = _all_units()


def unit(symbol: str) -> tuple[str, str] | None:
    """Return a unit's name for one and for several; None for an unknown symbol.

    A symbol may have a power (`m²`, `m^2`, `m2`, `sq ft`), and a divisor (`km/h`, `kg/m³`, `L/100 km`).
    """
    written, slash, divisor = symbol.partition("/")
    name = _with_power(written)
    if name is None or not slash:
        return name
    per = per_unit(divisor)
    return None if per is None else (f"{name[0]} per {per}", f"{name[1]} per {per}")


def per_unit(symbol: str) -> str | None:
    """Return what stands behind `per` for a divisor: `second` for `s`, `second squared` for `s²`; None if unknown."""
    if symbol in ("s²", "s^2", "s2"):
        return "second squared"
    hundred = "one hundred " if symbol.startswith("100") else ""
    name = _with_power(symbol.removeprefix("100").strip())
    return name and hundred + name[1 if hundred else 0]


def _with_power(symbol: str) -> tuple[str, str] | None:
    symbol = symbol.replace(".", "")
    if symbol in ("fl oz", "floz"):
        return "fluid ounce", "fluid ounces"
    area, _, rest = symbol.partition(" ")
    if rest or area in ("sqft", "sqm", "cuft"):
        area, rest = area[:2], rest or area[2:]
        power = _POWERS.get(area)
    elif symbol[-1:] in _POWERS:
        power, rest = _POWERS[symbol[-1]], symbol[:-1].rstrip("^")
    else:
        return _UNITS.get(symbol)
    if power is None or rest not in _LENGTHS:
        return None
    one, many = _UNITS[rest]
    return f"{power} {one}", f"{power} {many}"
