"""Addresses and names of computers: `https://…`, `jane@example.com`, `config.yaml`, `/etc/hosts`, `#summer`, `--help`.

These rules come before words are broken: a token may have any length, and each pattern takes linear time for it.
"""

import re
from collections.abc import Callable

from text.verbalization.rule import Rule
from text.verbalization.sentence_ends import is_starter
from text.verbalization.web.web_words import DOMAINS, FILES, address, humps, identifier, number, port
from text.verbalization.word_set import word_set
from text.verbalization.words import cardinal, digits, paired

_EDGE = r"\s\"'<>()\[\]{}—–|,;…`"
_URL = re.compile(
    r"[hfwsg](?<!\w.)(?:(?<=h)ttps?|(?<=f)(?:tps?|ile)|(?<=w)ss?|(?<=s)sh|(?<=g)it)://(?P<address>[^\s<>\"—|`]+)",
    re.IGNORECASE,
)
_MAILTO = re.compile(r"mailto:(?=[\w.+-]+@)")
_TOKEN = re.compile(rf"(?<![^{_EDGE}])[^{_EDGE}.@/\\_#:!?-]*+[.@/\\_#:!?-]++[^{_EDGE}]*(?<=[^{_EDGE}.:!?*])")
_CAMEL = re.compile(r"[a-z](?<![\w@#.].)[a-z]++[A-Z][A-Za-z0-9]*+(?!\w)")

_TAIL = ".,:;!?*'"
_AMBIGUOUS = word_set(
    """
    me to in so is be at us no it my la am as page link live life world email space art design studio agency
    media store shop run name pro news tools cloud online site tech blog wiki museum coop fi do id ar pe sh ac
    cc ws nl ph ms ly cl at es
    """
)
"""Ends of hosts that are words too: the host needs more to be known as one."""

_EMAIL = re.compile(r"(?:[\w+%-]++\.?)+@(?:[\w-]++\.)*[\w-]++(?:[:/][\w.~/-]*+)?")
_HOST = re.compile(r"(?P<host>(?:[^\W_](?:[\w-]*+)\.)+(?P<end>[A-Za-z]{2,9}))(?P<port>:[0-9]{2,5})?(?P<rest>[/?#].*)?")
_LOCAL = re.compile(
    r"(?P<host>localhost|[0-9]{1,3}(?:\.[0-9]{1,3}){3})(?P<port>:[0-9]{2,5})?(?P<rest>/(?![0-9]+$).*)?", re.IGNORECASE
)
_PATH = re.compile(r"(?:(?:~|\.\.?)?/(?=[\w.~-])|~/|[A-Za-z]:\\|\\\\\w)(?![0-9.,/]*$).*")
_FILE = re.compile(r"(?:[\w.@+~-]*+[/\\])*+[\w+-]*+(?:\.[\w+-]++)*\.(?P<end>\w{1,11})")
_DOT_NAME = re.compile(r"\.[A-Za-z][\w.-]*")
_COLOR = re.compile(r"#(?=[A-Fa-f]*[0-9])(?=[0-9]*[A-Fa-f])(?:[0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})")
_HASHTAG = re.compile(r"#(?=[0-9_]*+[^\W\d_])\w+")
_HANDLE = re.compile(r"@(?=[0-9_]*+[^\W\d_])[\w.]+(?:/[\w.-]+)?")
_FLAG = re.compile(r"(?:--[A-Za-z]|-[B-HJ-Zb-hj-z](?![\w.]))[\w-]*(?:=(?P<value>.+))?")
_IDENTIFIER = re.compile(r"(?=\w*?[A-Za-z])_*+[A-Za-z][\w.]*")
_SEAM = re.compile(r"(?:(?<=[a-z]{2})|(?<=[0-9)]))(?P<mark>[.!?]+)(?=(?P<word>[A-Z][a-z]+|I|A)\b)")
_WORDS = re.compile(r"[A-Za-z0-9.!?-]+")
_CONTRACTED = re.compile(r"(?:s|t|d|m|re|ll|ve)[.!?]+[A-Z]")
_CODE = re.compile(r"[A-Z]\w*[a-z]\.[A-Z]\w*\.|.*\.[A-Z][a-z]+[A-Z]")


def _split_tail(token: str) -> tuple[str, str]:
    """Return a token without the punctuation of the sentence that it ends, and that punctuation."""
    core = token.rstrip(_TAIL)
    while core.endswith((")", "]", "}")) and not {"(", "[", "{"} & set(core):
        core = core[:-1].rstrip(_TAIL)
    return core, token[len(core) :]


def _say_url(match: re.Match[str]) -> str | None:
    core, tail = _split_tail(match["address"])
    if not core:
        return None
    return f"{_host_and_path(core.rstrip('/'))}{tail}"


def _host_and_path(written: str) -> str:
    parts = _HOST.fullmatch(written) or _LOCAL.fullmatch(written)
    if parts is None:
        return address(written)
    if not parts["port"]:
        return f"{_host(parts['host'])} {address(parts['rest'] or '')}".rstrip()
    return f"{_host(parts['host'])} colon {port(parts['port'][1:])} {address(parts['rest'] or '')}".rstrip()


def _host(written: str) -> str:
    parts = written.split(".")
    if not all(map(str.isdecimal, parts)):
        return address(written)
    return " dot ".join(paired(part) if len(part) == 3 and part[0] != "0" else cardinal(part) for part in parts)


def _say_host(token: str) -> str | None:
    parts = _HOST.fullmatch(token)
    if parts is None:
        return _host_and_path(token.rstrip("/")) if _is_local(token) else None
    end = parts["end"]
    if end.lower() not in DOMAINS or not (end.islower() or parts["host"].isupper()):
        return None
    is_certain = parts["host"].count(".") > 1 or parts["port"] or parts["rest"]
    if end in _AMBIGUOUS and not is_certain:
        return None
    return _host_and_path(token.rstrip("/"))


def _is_local(token: str) -> bool:
    parts = _LOCAL.fullmatch(token)
    return parts is not None and bool(parts["port"] or parts["rest"] or not parts["host"][0].isdigit())


def _say_file(token: str) -> str | None:
    parts = _FILE.fullmatch(token)
    if parts is None or parts["end"].lower() not in FILES or token.startswith("."):
        return None
    name, end = token[: -len(parts["end"])], parts["end"]
    is_sentence = not (end.islower() or end.isupper())
    return address(token) if any(map(str.isalpha, name)) and not is_sentence else None


def _say_color(token: str) -> str | None:
    if not _COLOR.fullmatch(token):
        return None
    return "hash " + " ".join(digits(each) or each.lower() for each in token[1:])


def _say_flag(token: str) -> str | None:
    flag = _FLAG.fullmatch(token)
    if flag is None:
        return None
    return address(token)


def _say_identifier(token: str) -> str | None:
    """Read `max_tokens`; an index of a variable (`x_1`) is mathematics."""
    if "_" not in token or _IDENTIFIER.fullmatch(token) is None or len(token.partition("_")[0]) == 1:
        return None
    return identifier(token)


def _say_camel_path(token: str) -> str | None:
    """Read `document.getElementById`."""
    first, dot, rest = token.partition(".")
    if not dot or not first.isalpha() or not first.islower() or not _CAMEL.fullmatch(rest.rpartition(".")[2]):
        return None
    return identifier(token) if all(part.isalnum() for part in rest.split(".")) else None


def _with_missing_space(token: str) -> str | None:
    """Put the space that was forgotten between two sentences."""
    if _WORDS.fullmatch(token) is None or _CODE.match(token):
        return None
    spaced = _SEAM.sub(_space_behind, token)
    return None if spaced == token else spaced


def _space_behind(seam: re.Match[str]) -> str:
    """Return a full stop with a space, unless it joins two names of a program's, as in `React.Component`."""
    is_name = seam.string[0].isupper() and seam["mark"] == "." and not is_starter(seam["word"])
    return seam["mark"] if is_name else f"{seam['mark']} "


def _full(pattern: re.Pattern[str], say: Callable[[str], str]) -> Callable[[str], str | None]:
    return lambda token: say(token) if pattern.fullmatch(token) else None


_READERS: tuple[Callable[[str], str | None], ...] = (
    _full(_EMAIL, address),
    _say_host,
    _full(_PATH, address),
    _say_file,
    _full(_DOT_NAME, address),
    _say_color,
    _full(_HASHTAG, lambda token: f"hashtag {_tag_words(token[1:])}"),
    _full(_HANDLE, address),
    _say_flag,
    _say_identifier,
    _say_camel_path,
    _with_missing_space,
)


def _tag_words(word: str) -> str:
    """Return the words of a tag: `BlackFriday` is `black friday`, `AI` is `a i`."""
    return " ".join(number(part) if part.isdecimal() else humps(part) for part in re.findall(r"[^\W\d_]+|\d+", word))


def _say_token(match: re.Match[str]) -> str | None:
    token, tail = _split_tail(match[0])
    if match.start() and match.string[match.start() - 1] == "'" and _CONTRACTED.match(token):
        return re.sub(r"(?<=[.!?])(?=[A-Z])", " ", token, count=1) + tail
    token, dots, rest = token.partition("...")
    spoken = next(filter(None, (read(token) for read in _READERS)), None)
    if spoken is None:
        return None
    return f"{spoken}{dots} {rest.lstrip('.')}{tail}" if dots else f"{spoken}{tail}"


def _say_camel(match: re.Match[str]) -> str:
    return identifier(match[0])


RULES = (
    Rule("address", _MAILTO, lambda _: ""),
    Rule("address", _URL, _say_url),
    Rule("address", _TOKEN, _say_token),
    Rule("identifier", _CAMEL, _say_camel),
)
