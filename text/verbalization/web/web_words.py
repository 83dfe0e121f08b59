"""The words of an address: how hosts, paths, file names and identifiers are read, part by part."""

import re
from collections.abc import Iterator

from text.verbalization.word_set import word_set
from text.verbalization.words import cardinal, digits, paired, year

SIGNS = {
    ".": "dot",
    "/": "slash",
    "\\": "backslash",
    "-": "dash",
    "_": "underscore",
    ":": "colon",
    "?": "question mark",
    "=": "equals",
    "&": "and",
    "%": "percent",
    "#": "hash",
    "+": "plus",
    "~": "tilde",
    "@": "at",
    "$": "dollar",
    "*": "star",
    "!": "exclamation mark",
    "<": "less than",
    ">": "greater than",
}

DOMAINS = word_set(
    """
    com org net edu gov mil int info biz app dev io ai co uk us ca au de fr es it nl be ch at eu ru cn jp kr in
    br mx se no fi dk pl cz ie nz za sg hk tw tr ua pt gr il ly tv fm me gg xyz tech online site store shop blog
    cloud wiki news tools page link live world life email space art design studio agency media pub run sh to
    museum coop name pro ac ms la gl cc ws so is id vn th ph my ar cl pe
    """
)
"""Names at the end of a host."""

FILES = word_set(
    """
    py js ts jsx tsx mjs java cpp cc hpp cs rb go rs php swift kt scala pl sh bash zsh bat ps1 sql html htm css
    scss less xml json jsonl yaml yml toml ini cfg conf env md rst txt log csv tsv xls xlsx doc docx ppt pptx
    pdf rtf odt epub mobi tex bib zip tar gz tgz bz2 xz rar 7z iso dmg exe msi dll so deb rpm apk jar war whl
    png jpg jpeg gif svg webp bmp tiff ico heic psd mp3 mp4 wav flac ogg m4a aac avi mov mkv webm ipynb pt pth
    onnx safetensors gguf pkl npy npz h5 parquet db sqlite bak tmp lock pem key crt pub dat bin vue svelte proto
    tf
    """
)
"""Endings of file names."""

_WORDS = word_set(
    """
    com org net gov mil int info biz app dev co in me to so is it be at no my page link live world life email
    space art design studio agency media pub run name pro museum coop shop store blog cloud wiki news tools tech
    online site java go swift bash bat less json toml yaml conf env log doc zip tar rar dot iso jar war gif lock
    key dat bin vue svelte proto parquet bak wav mobi tiff
    """
)
"""Endings that are read as a word; the others of up to four letters are spelled."""

_PART = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
_SPELLED = word_set(
    """
    etc
    """
)
_HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")
_VOWEL = re.compile(r"[aeiouy]|[^a-z]")
_ENDING = re.compile(r"\.(\w{1,11})(?=\Z|[.:/?#])")


def spelled(word: str) -> str:
    """Return a word letter by letter, digits as numbers: `m p three`."""
    return " ".join(cardinal(part) if part.isdecimal() else part for part in re.findall(r"[0-9]+|\w", word.lower()))


def number(written: str) -> str:
    """Return a number in an address: one digit after the other if it is long or begins with a zero."""
    written = "".join(str(int(digit)) for digit in written)  # those of other scripts too
    if len(written) > 4 or (written.startswith("0") and len(written) > 1):
        return digits(written)
    return year(written) if len(written) == 4 else cardinal(written)


def port(written: str) -> str:
    """Return the number of a port; four digits are read in pairs: `eighty eighty`."""
    if len(written) != 4 or written.startswith("0") or written.endswith("00"):
        return number(written)
    return paired(written)


def ending(written: str) -> str:
    """Return the end of a host's or a file's name: `com`, `yaml`, `p y`, `m p three`."""
    name = written.lower()
    if name in _WORDS or (name not in FILES and name not in DOMAINS) or len(name) > 4:
        return name
    return spelled(name)


def humps(word: str) -> str:
    """Return the words of a name in camel case: `getUserName` is `get user name`."""
    parts = _HUMP.findall(word)
    return " ".join(spelled(part) if 1 < len(part) < 4 and part.isupper() else part.lower() for part in parts)


def label(word: str) -> str:
    """Return a word of an address: short ones without vowels are spelled (`bbc`), and `etc`, a folder."""
    low = word.lower()
    if low in _SPELLED or (len(low) <= 4 and not _VOWEL.search(low)):
        return " ".join(low)
    return low


def address(written: str) -> str:
    """Return an address with its signs in words, in linear time. Known ends of hosts and files are spelled."""
    return " ".join(_address_words(written))


def _address_words(written: str) -> Iterator[str]:
    endings = {match.start(1): match[1] for match in _ENDING.finditer(written)}
    stop = 0
    for match in _PART.finditer(written):
        part, start = match[0], match.start()
        if start < stop:
            continue
        known = endings.get(start, "")
        if known.lower() in FILES or known.lower() in DOMAINS:
            stop = start + len(known)
            yield ending(known)
        elif part.isdecimal():
            yield number(part)
        elif part in SIGNS:
            yield SIGNS[part]
        elif part[0].isalnum():
            yield label(part)


def identifier(written: str) -> str:
    """Return a name in a program as words: `max_tokens` is `max tokens`, `os.getLogin` is `os dot get login`."""
    return " ".join(_identifier_words(written))


def _identifier_words(written: str) -> Iterator[str]:
    for part in _PART.findall(written):
        if part.isdecimal():
            yield number(part)
        elif part[0].isalnum():
            yield part.lower() if part.isupper() else humps(part)
        elif part in SIGNS and part != "_":
            yield SIGNS[part]
