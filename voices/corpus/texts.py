"""The texts of the training data: sentences in the form in which the engine hands them to the model.

They come from two collections that Debian packages: the example sentences and definitions of WordNet (`wordnet-base`),
and the inoffensive fortune cookies (`fortunes`, `fortunes-min`). Further sentences are made from these: long sentences
joined from short ones, words in random order, numbers, single words, sentences with names and initials, dates, times
and amounts, and sentences with other words. So the model learns every kind of text that the text normaliser can
produce.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from text.errors import InvalidText
from text.sentences import split_sentences
from voices.corpus.expressions import Expressions, with_expressions
from voices.corpus.substitutions import WORD, with_other_words
from voices.errors import VoiceError

_FORTUNES = Path("/usr/share/games/fortunes")
_WORDNET = Path("/usr/share/wordnet")
# The files that contain no sentences: programs, drawings and verse; the last two are in other languages.
_NO_PROSE = {"art", "ascii-art", "perl", "linuxcookie", "debian", "songs-poems", "translate-me", "magic"}

_SHORTEST, _LONGEST = 8, 300  # characters
_LONG = (120, 300)
_DEFINITIONS = 1
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'])")
_PROSE = re.compile(r"[A-Za-z0-9 ,.;:!?'\"()$%&/-]+")
_NAME = re.compile(r"(?:[A-Z][a-z]+ ){0,2}[A-Z][a-z]+")
_INITIALS = re.compile(r"[A-Z]{2,5}")
_PERSONS_AND_PLACES = {"18", "15"}
_MENTIONS = re.compile(r"(?<=[a-z,] )" + _NAME.pattern)

# Shares of all characters; the rest are sentences from the collections.
_SHARES = {"long sentences": 0.22, "word salad": 0.12, "numbers": 0.05, "single words": 0.03}
_COMMON = 4000  # most frequent words; half of the words in random order are among them

_POOL = 4_400_000  # characters among which sentences are chosen
# Shares of the characters of each kind of sentence among those that are chosen.
_KINDS = {"question": 0.12, "pause": 0.27, "sentence": 0.27, "short": 0.04, "long": 0.10, "other": 0.20}
# Characters of further sentences for each character of these.
_FURTHER = {"expressions": 0.25, "other words": 0.12}
_FRAMES = ("question", "pause", "sentence")  # the kinds of which further sentences are made
_SENTENCE_BEGINNING = re.compile(
    r"(i|you|he|she|it|we|they|the|this|that|there|what|how|why|who|where|when|if|do|did|can|could|would|should|is|are"
    r"|was|my|his|her|our|please|don't|never|all|some|most|no|as|in|at|after|before)\b"
)
_FAMILIAR = 20  # sentences that have a word make it familiar

Predicate = Callable[[str], bool]


def _never(_: str) -> bool:
    return False


def training_sentences(characters: int, seed: int, *, excluded: Predicate = _never) -> list[str]:
    """Return different sentences of about `characters` characters in total, normalised and shuffled.

    The same seed gives the same sentences; those that are `excluded` are left out. Raises `VoiceError` if a collection
    is missing.
    """
    draw = random.Random(seed)
    prose = sorted(set(_prose()))
    draw.shuffle(prose)
    words = Counter(word for sentence in prose for word in WORD.findall(sentence))
    sources = {
        "long sentences": _long_sentences(prose[::-1], draw),
        "word salad": _word_salad(words, draw),
        "numbers": _numbers(words, draw),
        "single words": _single_words(words, draw),
    }
    chosen: dict[str, None] = {}
    for name, source in sources.items():
        chosen.update(_take(source, int(_SHARES[name] * characters)))
    rest = characters - sum(map(len, chosen))
    chosen.update(_take((text for text in prose if text not in chosen), rest))
    sentences = [text for text in chosen if not excluded(text)]
    draw.shuffle(sentences)
    return sentences


def chosen_sentences(characters: int, seed: int, *, excluded: Predicate = _never) -> list[str]:
    """Return sentences of about `characters` characters in total, in an order in which the kinds keep their shares.

    They are chosen among `training_sentences`: most of these are fragments of definitions; those that people say come
    first here. Those with expressions and with other words are among them. A smaller number of characters gives the
    beginning of the same list.
    """
    pool = training_sentences(_POOL, seed, excluded=excluded)
    sentences_with = Counter(word for text in pool for word in set(WORD.findall(text)))
    groups: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    for text in pool:
        groups[_kind(text, sentences_with)].append(text)
    frames = [text for kind in _FRAMES for text in groups[kind]]
    further: dict[str, Callable[[int], list[str]]] = {
        "expressions": lambda size: expression_sentences(size, frames, seed),
        "other words": lambda size: _sentences_with_other_words(size, frames, sentences_with, seed),
    }
    known = set(pool)
    for kind, make in further.items():
        made = make(int(_FURTHER[kind] * _POOL))
        groups[kind] = [text for text in made if text not in known and not excluded(text)]
        known.update(groups[kind])
    return _interleaved(groups, characters)


def _interleaved(groups: Mapping[str, Sequence[str]], characters: int) -> list[str]:
    """Take the sentences of all groups in turn, so that each keeps its share of the characters as long as it lasts."""
    shares = _KINDS | _FURTHER
    left = {kind: iter(group) for kind, group in groups.items()}
    taken = dict.fromkeys(groups, 0)
    chosen: list[str] = []
    while left and sum(taken.values()) < characters:
        kind = min(left, key=lambda kind: taken[kind] / shares[kind])
        text = next(left[kind], "")
        if text:
            taken[kind] += len(text)
            chosen.append(text)
        else:
            del left[kind]
    return chosen


def expression_sentences(characters: int, frames: Sequence[str], seed: int) -> list[str]:
    """Return different sentences of about `characters` characters, normalised: `frames` with expressions in them."""
    draw = random.Random(seed)
    expressions = Expressions(_names(), _initials(), draw)
    raw = with_expressions(draw.sample(frames, len(frames)), expressions, draw)
    return list(_take(filter(None, map(normalised, raw)), characters))


def _sentences_with_other_words(characters: int, frames: Sequence[str], words: Counter[str], seed: int) -> list[str]:
    draw = random.Random(seed)
    return list(_take(with_other_words(draw.sample(frames, len(frames)), words, draw), characters))


def _kind(text: str, sentences_with: Counter[str]) -> str:
    words = WORD.findall(text)
    familiar = sum(sentences_with[word] >= _FAMILIAR for word in words) / max(1, len(words))
    if len(text) > 190:
        return "long"
    if text.endswith("?") and familiar > 0.8 and len(text) > 12:
        return "question"
    if "," in text and familiar > 0.75:
        return "pause"
    if len(text) < 16:
        return "short"
    return "sentence" if _SENTENCE_BEGINNING.match(text) and familiar > 0.7 else "other"


def _take(source: Iterator[str], characters: int) -> dict[str, None]:
    """Take different sentences that the engine would not change, until they have `characters` characters."""
    taken: dict[str, None] = {}
    for text in source:
        if characters <= 0:
            break
        if text not in taken and normalised(text) == text:
            taken[text] = None
            characters -= len(text)
    return taken


def _prose() -> Iterator[str]:
    """Every usable sentence of the collections, normalised."""
    for raw in (*_wordnet(), *_fortunes()):
        if _PROSE.fullmatch(raw) and len(raw) <= _LONGEST:
            text = normalised(raw)
            if _SHORTEST <= len(text) <= _LONGEST:
                yield text


def normalised(raw: str) -> str:
    """Return `raw` as the engine would hand it to the model; an empty text if it is not exactly one sentence."""
    try:
        sentences = split_sentences(raw)
    except InvalidText:
        return ""
    return sentences[0].text if len(sentences) == 1 else ""


def _wordnet() -> Iterator[str]:
    """The examples, which are mostly whole sentences, and the definitions, which are not."""
    definitions = 0
    for name in ("noun", "verb", "adj", "adv"):
        for line in _lines(_WORDNET / f"data.{name}", "wordnet-base"):
            _, _, gloss = line.partition(" | ")
            examples = re.findall(r'"([^"]+)"', gloss)
            yield from map(_as_sentence, examples)
            definitions += not examples
            if not examples and definitions % _DEFINITIONS == 0:
                yield _as_sentence(re.sub(r"^\([^)]*\)", "", gloss.partition(";")[0]))


def _as_sentence(text: str) -> str:
    text = text.strip()
    return text if text[-1:] in ".!?" else f"{text}."


def _nouns() -> Iterator[tuple[str, str]]:
    """WordNet's nouns, each with the number of its topic."""
    for line in _lines(_WORDNET / "data.noun", "wordnet-base"):
        fields = line.split()
        if len(fields) > 3 and fields[2] == "n":
            for word in fields[4 : 4 + 2 * int(fields[3], 16) : 2]:
                yield word.replace("_", " "), fields[1]


def _names() -> list[str]:
    """Every name of a person or a place in WordNet once, and again for each time that a gloss mentions it."""
    names = [word for word, topic in _nouns() if topic in _PERSONS_AND_PLACES and _NAME.fullmatch(word)]
    known = set(names)
    glosses = (line.partition(" | ")[2] for line in _lines(_WORDNET / "data.noun", "wordnet-base"))
    return names + [name for gloss in glosses for name in _MENTIONS.findall(gloss) if name in known]


def _initials() -> list[str]:
    return [word for word, _ in _nouns() if _INITIALS.fullmatch(word)]


def _fortunes() -> Iterator[str]:
    for file in sorted(_FORTUNES.iterdir() if _FORTUNES.is_dir() else ()):
        if file.suffix or file.name in _NO_PROSE:
            continue
        for cookie in "\n".join(_lines(file, "fortunes")).split("\n%\n"):
            # Indented lines name the author.
            body = " ".join(line for line in cookie.splitlines() if not line.startswith(("\t", "  ")))
            yield from _SENTENCE_END.split(re.sub(r"\s+", " ", body).strip())


def _lines(file: Path, package: str) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise VoiceError(f"{file} cannot be read ({error.strerror}); on Debian: apt-get install {package}") from error


def _long_sentences(prose: list[str], draw: random.Random) -> Iterator[str]:
    """Sentences joined with commas and conjunctions."""
    sentences = iter(prose)
    while True:
        long, length = "", draw.randint(*_LONG)
        while len(long) < length:
            sentence = next(sentences, "").rstrip(".!?")
            if not sentence:
                return
            joined = long + draw.choice((", ", " and ", ", but ", "; ")) + sentence if long else sentence
            if len(joined) >= _LONGEST:
                break
            long = joined
        yield f"{long}."


def _word_salad(words: Counter[str], draw: random.Random) -> Iterator[str]:
    """Words in random order, which the model cannot guess and so has to read."""
    ranked = [word for word, _ in words.most_common()]
    common, rare = ranked[:_COMMON], ranked[_COMMON:]
    while True:
        picked = [draw.choice(common if draw.random() < 0.5 or not rare else rare) for _ in range(draw.randint(2, 14))]
        text = " ".join(picked)
        if draw.random() < 0.3 and len(picked) > 4:
            text = text.replace(" ", ", ", 1) if draw.random() < 0.5 else text[::-1].replace(" ", " ,", 1)[::-1]
        yield text + draw.choice("....?!")


def _numbers(words: Counter[str], draw: random.Random) -> Iterator[str]:
    """Amounts, times, dates and telephone numbers among a few words, as the normaliser spells them."""
    common = [word for word, _ in words.most_common(_COMMON)]
    while True:
        kinds = (
            str(draw.randint(0, 10 ** draw.randint(1, 6))),
            str(draw.randint(1500, 2050)),
            f"${draw.randint(1, 999)}.{draw.randint(0, 99):02}",
            f"{draw.randint(1, 12)}:{draw.randint(0, 59):02}",
            f"{draw.randint(1, 100)}%",
            f"{draw.randint(0, 20)}.{draw.randint(0, 999)}",
            f"{draw.randint(1, 31)}th",
            " ".join(str(draw.randint(0, 9)) for _ in range(draw.randint(3, 9))),
        )
        before, after = (" ".join(draw.choices(common, k=draw.randint(0, 4))) for _ in range(2))
        text = normalised(f"{before} {draw.choice(kinds)} {after}.".replace(" .", ".").strip())
        if text:
            yield text


def _single_words(words: Counter[str], draw: random.Random) -> Iterator[str]:
    """Single words, and also letters and abbreviations."""
    known = [*words, *"abcdefghijklmnopqrstuvwxyz"]
    while True:
        word = draw.choice(known)
        if draw.random() < 0.1:
            word = ". ".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(2, 5)))
        yield word + draw.choice(("", ".", ".", "?", "!"))
