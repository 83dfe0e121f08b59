"""Numbers that name something: addresses, versions, codes, rooms, ZIP codes, card numbers."""

import re

from text.verbalization.context import follows, precedes
from text.verbalization.numeric.quantities import plain
from text.verbalization.rule import Rule
from text.verbalization.words import cardinal, digits, paired

_IP = re.compile(
    r"(?P<address>[0-9](?<!\w.)(?<![.,:/-].)[0-9]{0,2}(?:\.[0-9]{1,3}){3})(?:/(?P<prefix>[0-9]{1,2}))?(?![\w]|[./-][0-9])"
)
_VERSION = re.compile(
    r"[v0-9](?<!\w.)(?<![0-9][.,:/-].)(?<![$€£].)(?:(?<=v)\.? ?[0-9]|(?<=[0-9]))[0-9]{0,5}(?:\.[0-9]{1,6}){0,6}"
    r"(?![0-9]|[:/,-][0-9]|\.[0-9])"
)
_SOFTWARE = re.compile(
    r"\b(?:[Vv]ersion|[Rr]elease|[Pp]ython|Node(?:\.js)?|Java|[Uu]buntu|Debian|iOS|iPadOS|macOS|OS X|Android"
    r"|[Ll]inux|[Kk]ernel|PHP|Ruby|Rust|[Gg]olang|Go|CUDA|Django|Flask|PyTorch|[Tt]orch|TensorFlow|[Nn]um[Pp]y|[Pp]andas|Postgre(?:s|SQL)"
    r"|MySQL|Kubernetes|Docker|Firefox|Chrome|GCC|[Cc]lang|Kotlin|Scala|Perl|Angular|Triton) $"
)
_CALIBER = re.compile(
    r"\.(?<!\w.)(?P<number>[1-5][0-9])(?: ?cal\b|(?= (?:caliber|[Mm]agnum|ACP|rifle|pistol|revolver)))"
)
_CARD = re.compile(r"[0-9](?<!\w.)(?<![.,:/-].)[0-9]{3}(?:[ -][0-9]{4}){2,3}(?![\w]|[.,:/-][0-9])")
_HASH = re.compile(r"#(?<!\w.)(?P<number>[0-9]{5,20})(?![\w-])")
_CODE = re.compile(r"[0-9](?<!\w.)(?<![.,:/$€£¥#-].)[0-9]{1,34}(?:-[0-9]{4})?(?![\w%°]|[.,:/-][0-9])")

_OF = r"(?: (?:no\.?|number|numbers|is|was|are|code|of)|:|#){0,2}:? ?$"
_SPELLED_BEHIND = re.compile(
    rf"\b(?:zip|zip code|zipcode|postal code|postcode|area code|codes?|pin|passcode|password|otp"
    rf"|extension|ext\.?|account|acct\.?"
    rf"|serial|id|tracking|confirmation|reference|ref\.?|booking|policy|license|badge){_OF}",
    re.IGNORECASE,
)
_NUMBER_OF = re.compile(
    r"\b(?:order|invoice|case|ticket|serial|tracking|model|part|customer|member)"
    r"(?: number| no\.?|:)(?: is|:)? ?$",
    re.IGNORECASE,
)
_PAIRED_BEHIND = re.compile(
    r"\b(?:rooms?|flight|routes?|highway|hwy\.?|interstate|suite|ste\.?|apartment|apt\.?|unit|gate|bus"
    r"|train|channel|errors?|status|http|studio|locker|boeing|airbus|cabin|exit|building|bldg\.?|ward|cell)"
    r"(?: no\.?| number| code)? $",
    re.IGNORECASE,
)
_CALL_BEHIND = re.compile(r"\b(?:call(?:s|ed|ing)?|dial(?:s|ed|ing)?|phoned?) $", re.IGNORECASE)
_CALLS = re.compile(r" (?:call|calls|operator|dispatch|dispatcher|emergency)\b")
_STATE_BEHIND = re.compile(
    r"(?:(?:,|[a-z]) [A-Z]{2}|\bD\.C\.|\b(?:Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut"
    r"|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa"
    r"|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota"
    r"|Mississippi|Missouri|Montana|Nebraska|Nevada|Hampshire|Jersey|Mexico|York|Carolina|Dakota|Ohio|Oklahoma|Oregon"
    r"|Pennsylvania|Island|Tennessee|Texas|Utah|Vermont|Virginia|Washington|Wisconsin|Wyoming))[, ] ?$"
)
STREET = re.compile(
    r" (?:(?:North|South|East|West|[NSEW]|NE|NW|SE|SW)\.? )?(?:[A-Z][A-Za-z'.]{1,20} |[0-9]{1,3}(?:st|nd|rd|th) ){1,3}"
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Way|Terrace|Parkway|Pkwy|Highway"
    r"|Hwy|Circle|Cir|Square|Sq|Trail|Row|Alley)\b"
)
"""What stands behind a house number."""
_COUNTED = re.compile(r" (?:[a-z]{2,}s|people|men|women|children|more)\b")
_HOURS = re.compile(r" hours\b")


def _say_ip(match: re.Match[str]) -> str | None:
    octets = match["address"].split(".")
    if any(int(octet) > 255 for octet in octets):
        return None
    spoken = " dot ".join(paired(octet) if len(octet) == 3 and octet[0] != "0" else cardinal(octet) for octet in octets)
    return f"{spoken} slash {cardinal(match['prefix'])}" if match["prefix"] else spoken


def _say_version(match: re.Match[str]) -> str | None:
    """Read `3.11.2`, `v2.0`, and `Python 3.11`; `3.11` alone is a decimal number."""
    written = match[0].lstrip("v. ")
    parts = written.split(".")
    is_marked = match[0].startswith("v")
    if len(parts) < 3 and not is_marked and not (len(parts) == 2 and precedes(_SOFTWARE, match)):
        return None
    if len(parts) > 2 and plain(written) is not None and not is_marked:
        return None
    if len(parts) == 2 and len(parts[1]) == 1 and not is_marked:
        return None
    spoken = " point ".join(_version_part(part) for part in parts)
    return f"version {spoken}" if is_marked else spoken


def _say_caliber(match: re.Match[str]) -> str:
    return cardinal(match["number"]) + (" caliber" if "cal" in match[0] else "")


def _version_part(part: str) -> str:
    if part.startswith("0") and len(part) > 1:
        return f"oh {cardinal(part)}" if len(part) == 2 and part != "00" else digits(part)
    return cardinal(part) if len(part) <= 4 else digits(part)


def _say_code(match: re.Match[str]) -> str | None:
    """Read a number digit by digit or in pairs, where what stands around it says that it counts nothing."""
    number, _, extra = match[0].partition("-")
    if extra:
        return f"{digits(number)}, {digits(extra)}" if len(number) == 5 else None
    if number.startswith("0"):
        return _leading_zero(match, number)
    if follows(_COUNTED, match):
        return None
    if len(number) >= 3 and (_is_spelled(match, number) or precedes(_SPELLED_BEHIND, match)):
        return digits(number)
    if len(number) in (3, 4) and (precedes(_PAIRED_BEHIND, match) or follows(STREET, match)):
        return paired(number)
    if len(number) == 5 and follows(STREET, match):
        return f"{cardinal(number[0])} {paired(number[1:])}" if number[1] != "0" else digits(number)
    return None


def _is_spelled(match: re.Match[str], number: str) -> bool:
    if len(number) == 3:
        return bool(precedes(_CALL_BEHIND, match)) or (number == "911" and bool(follows(_CALLS, match)))
    if len(number) == 5 and precedes(_STATE_BEHIND, match):
        return True
    if len(number) >= 10:
        return not number.endswith("000000")
    return len(number) >= 4 and bool(precedes(_NUMBER_OF, match))


def _leading_zero(match: re.Match[str], number: str) -> str:
    if len(number) == 4 and follows(_HOURS, match) and number[1] != "0":
        return f"zero {paired(number[1:])}"
    return digits(number)


RULES = (
    Rule("code", _IP, _say_ip),
    Rule("code", _VERSION, _say_version),
    Rule("code", _CARD, lambda match: ", ".join(digits(group) for group in re.split("[ -]", match[0]))),
    Rule("code", _CALIBER, _say_caliber),
    Rule("code", _HASH, lambda match: f"number {digits(match['number'])}"),
    Rule("code", _CODE, _say_code),
)
