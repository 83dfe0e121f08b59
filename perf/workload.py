"""The texts of a load test, in the proportions of real requests, and the random arrival times."""

import json
import random
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from statistics import fmean
from threading import Event
from typing import Self

TEXTS = Path(__file__).parent / "texts"
_SEED = 233
"""With this seed, any ten consecutive texts have about the same length, and so have every second, fourth and eighth."""
_RARE_POSITION = 4
_SEPARATORS = {"line": "\n", "paragraph": r"\n\s*\n", "file": r"\Z"}


@dataclass(frozen=True)
class TextShare:
    """One kind of text in the mix."""

    kind: str
    share: float  # of the requests, 0 to 1
    characters: float  # of one text, on average


class InvalidMix(ValueError):
    """The texts or their shares cannot be used; the message names the file and the error."""


@dataclass(frozen=True)
class Kind:
    """Texts of one kind."""

    name: str
    percent: int  # of all requests
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Mix:
    """All kinds of texts. Raises `InvalidMix` if the shares do not add up to 100 percent, or if a kind has no texts."""

    kinds: tuple[Kind, ...]

    def __post_init__(self) -> None:
        """Check the shares and the texts."""
        for kind in self.kinds:
            if kind.percent < 1:
                raise InvalidMix(
                    f"{kind.name} are {kind.percent} percent of the mix: a kind has at least 1, or is left out"
                )
            if not kind.texts:
                raise InvalidMix(f"there are no {kind.name}: write at least one text, or leave the kind out")
        if (total := sum(kind.percent for kind in self.kinds)) != 100:
            raise InvalidMix(f"the kinds of the mix are {total} percent together: change their shares to 100")

    @classmethod
    def read(cls, directory: Path = TEXTS) -> Self:
        """Read `mix.toml` and the files of texts beside it. Raises `InvalidMix`."""
        file = directory / "mix.toml"
        try:
            tables = tomllib.loads(_read(file))
        except tomllib.TOMLDecodeError as error:
            raise InvalidMix(f"{file} is not TOML: {error}") from error
        return cls(tuple(_kind(file, name, table) for name, table in tables.items()))

    def deck(self, longest: int | None = None) -> tuple[str, ...]:
        """Return 100 texts in exactly these shares, always in the same shuffled order.

        Any ten consecutive texts have about the same length, so a run may begin and end anywhere. There is one
        exception: a text whose kind has only 1 percent is the fifth, so that short runs include it. `longest` leaves
        out texts with more characters; the result then has fewer than 100 texts.
        """
        return tuple(text for _, text in self._drawn(longest))

    def shares(self, longest: int | None = None) -> list[TextShare]:
        """Describe `deck(longest)`."""
        drawn = self._drawn(longest)
        lengths = {kind.name: [len(text) for name, text in drawn if name == kind.name] for kind in self.kinds}
        return [TextShare(name, len(each) / len(drawn), fmean(each)) for name, each in lengths.items() if each]

    def _drawn(self, longest: int | None) -> list[tuple[str, str]]:
        """The kind and the text at each position in the deck."""
        dice = random.Random(_SEED)  # noqa: S311 - texts, not secrets
        supplies = {kind.name: cycle(dice.sample(kind.texts, len(kind.texts))) for kind in self.kinds}
        drawn = [(kind.name, next(supplies[kind.name])) for kind in _order(self.kinds, dice)]
        if not (left := [(name, text) for name, text in drawn if longest is None or len(text) <= longest]):
            raise InvalidMix(f"no text of the mix has at most {longest} characters: allow longer ones")
        return left


def _order(kinds: Sequence[Kind], dice: random.Random) -> list[Kind]:
    """Distribute each kind evenly: divide the deck into equal parts, and put one text of the kind into each part."""
    common = [kind for kind in kinds if kind.percent > 1]
    positions = [((index + dice.random()) / kind.percent, kind) for kind in common for index in range(kind.percent)]
    order = [kind for _, kind in sorted(positions, key=lambda position: position[0])]
    order[_RARE_POSITION:_RARE_POSITION] = [kind for kind in kinds if kind.percent == 1]
    return order


def _kind(file: Path, name: str, table: object) -> Kind:
    """Read the texts of one kind; `table` is its table in `file`."""
    match table:
        case {"percent": int(percent), "one": str(one), **rest} if one in _SEPARATORS and not rest:
            texts = re.split(_SEPARATORS[one], _read(file.with_name(f"{name}.txt")))
            return Kind(name, percent, tuple(stripped for text in texts if (stripped := text.strip())))
    choices = " or ".join(f'"{one}"' for one in _SEPARATORS)
    raise InvalidMix(f"{file}: [{name}] needs `percent`, a whole number, and `one`, {choices}, and nothing else")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidMix(f"{file} cannot be read: {error}") from error


class TextQueue:
    """Texts that all users take in turn, repeatedly, until `requests` have been sent (0: no end).

    `all_ended` is set when all of these requests have ended.
    """

    def __init__(self, texts: Sequence[str], requests: int = 0) -> None:
        if not texts:
            raise ValueError("there is nothing to say: give at least one text")
        self.all_ended = Event()
        self._texts = texts
        self._requests = requests
        self._sent = 0
        self._ended = 0

    def next_text(self) -> tuple[int, str] | None:
        """Return the number of the next request, from 0, and its text; None after the last one."""
        if self._requests and self._sent == self._requests:
            return None
        number = self._sent
        self._sent += 1
        return number, self._texts[number % len(self._texts)]

    def note_end(self) -> None:
        """Count a request that has ended, whatever its status."""
        self._ended += 1
        if self._ended == self._requests:
            self.all_ended.set()


def read_texts(path: Path) -> list[str]:
    """Read texts, one in each line, or a list from a file whose name ends with .json.

    Raises `OSError`, and `ValueError` if there are no texts or the content is not a list of texts.
    """
    content = path.read_text(encoding="utf-8")
    try:
        texts = json.loads(content) if path.suffix == ".json" else content.splitlines()
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} is not JSON: {error}") from error
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError(f'{path} is not a list of texts, such as ["Hello.", "Good morning."]')
    texts = [text for text in texts if text.strip()]
    if not texts:
        raise ValueError(f"{path} has no texts: write one a line")
    return texts


def arrival_times(rate: float, seed: int = 0) -> Iterator[float]:
    """Yield seconds from the beginning, endlessly: a Poisson process of `rate` a second, fixed by `seed`."""
    dice = random.Random(seed)  # noqa: S311 - moments, not secrets
    time = 0.0
    while True:
        time += dice.expovariate(rate)
        yield time
