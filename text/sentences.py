"""Splits a caller's text into the sentences that the model speaks one by one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from text.aligned_text import AlignedText
from text.errors import InvalidText
from text.options import AS_SPOKEN, ReadingOptions
from text.reading import Passage, read
from text.spans import with_marks
from text.verbalization.tagger import Tag

MAX_CHARACTERS = 10_000
"""Characters of one text by default: about eleven minutes of speech."""

SPOKEN_PER_CHARACTER = 4
"""The limit of spoken characters for each character of `max_characters`.

Normalisation makes prose 1.1 times as long, prose full of prices 2.9 times, lists of phone numbers 3.8 times, and lists
of bare numbers or prices up to 6.1 times. Other texts become up to 13 times as long.
"""

LONGEST_SENTENCE = 330
"""Characters of a sentence: the splitter's limit of 300, and one short sentence that is merged into it."""

_LONGEST = 300
_SHORT = 30
_SPEAKABLE = re.compile("[a-z0-9]")
_UNREADABLE = re.compile("[^a-z0-9 !$%&'*,.?-]")
_SPOKEN_PER_MINUTE = 900

_END = re.compile(r"(?:\.{0,3}[!?][.!?]*|\.+(?='?(?: |\Z)))(?:'(?= |\Z))?")
_QUOTED_END = re.compile(r"""[.!?]["'’”)\]]+\s+[a-z]""")
"""In the caller's text: a quotation or bracket ends here, but its sentence goes on."""

# Where a reader breathes, the best places first.
_BREATHS = (
    re.compile(r", (?=(?:and|but|or|so|because|which|who|when|while|if|though|although|then|yet|until|where) )"),
    re.compile(r", "),
    re.compile(r" (?=(?:and|but|or|because|which|who|when|while|if|that|than|until|where) )"),
    re.compile(r" "),
)


@dataclass(frozen=True)
class Sentence:
    """One prompt for the model.

    `text` is normalised: `[a-z0-9]` and punctuation, at most `LONGEST_SENTENCE` characters. `start` and `end` are its
    span in the caller's text, in code points; the end is exclusive.
    """

    text: str
    start: int
    end: int
    pause_before: float = 0.0
    """Seconds of silence that the caller asked for before the sentence."""
    pause_after: float = 0.0
    """Seconds of silence after it, only of a text's last sentence."""


def split_sentences(
    text: str,
    options: ReadingOptions = AS_SPOKEN,
    *,
    max_characters: int = MAX_CHARACTERS,
    max_spoken: int | None = None,
) -> list[Sentence]:
    """Put `text` into words and split it into sentences; at least one.

    The spans are in order, inside the text, and begin and end with characters other than white space. They do not
    overlap, unless one word is read as several sentences. What lies between them is not heard. Takes time linear in the
    length of the text.

    Args:
        text: The caller's text.
        options: How it is to be read.
        max_characters: The limit of the length of `text`.
        max_spoken: The limit of characters of all normalised sentences together, which determines the cost: a number
            of 36 digits becomes 400 characters. By default, `SPOKEN_PER_CHARACTER` times `max_characters`.

    Raises:
        InvalidText: `text` is empty, longer than `max_characters`, longer than `max_spoken` after normalisation, has
            a pause that is too long, or has nothing that can be spoken.
    """
    _check_length(text, max_characters)
    sentences = [each.sentence for each in read_sentences(text, options)]
    if not sentences:
        raise InvalidText("The text holds nothing that can be spoken. Send at least one letter or digit.")
    spoken = sum(len(sentence.text) for sentence in sentences)
    _check_spoken(spoken, SPOKEN_PER_CHARACTER * max_characters if max_spoken is None else max_spoken)
    return sentences


def spoken_sentences(text: str, *, max_characters: int = MAX_CHARACTERS) -> list[Sentence]:
    """Return the sentences that have the lines of `text` already.

    Raises `InvalidText` for a line that no sentence can have, and for a text that is longer than one of
    `max_characters` may become, or than ten sentences.
    """
    _check_spoken(len(text), max(SPOKEN_PER_CHARACTER * max_characters, 10 * LONGEST_SENTENCE))
    sentences: list[Sentence] = []
    start = 0
    for line in text.split("\n"):
        if len(line) > LONGEST_SENTENCE or not _SPEAKABLE.search(line) or _UNREADABLE.search(line):
            raise InvalidText(
                "A spoken text must have one sentence a line, as the model reads it: at most "
                f"{LONGEST_SENTENCE} small letters, digits and punctuation marks. Leave `spoken` out for other texts."
            )
        sentences.append(Sentence(line, start, start + len(line)))
        start += len(line) + 1
    return sentences


def _check_length(text: str, max_characters: int) -> None:
    if len(text) > max_characters:
        raise InvalidText(
            f"The text has {len(text)} characters; at most {max_characters} are allowed. Send it in several requests."
        )
    if not text or text.isspace():
        raise InvalidText("The text is empty. Send at least one word.")


def _check_spoken(characters: int, max_spoken: int) -> None:
    if characters > max_spoken:
        raise InvalidText(
            f"Read aloud, the text has {characters} characters, about {round(characters / _SPOKEN_PER_MINUTE)} minutes;"
            f" at most {max_spoken} are allowed. Numbers and symbols are read as words: leave out those that need not"
            " be heard, or send the text in several requests."
        )


@dataclass(frozen=True)
class ReadSentence:
    """A sentence with the spans of all its characters, and the passage that it is a part of."""

    sentence: Sentence
    aligned: AlignedText
    passage: Passage

    @property
    def tags(self) -> list[Tag]:
        """What rules have read in it, in the order of the caller's text."""
        start, end = self.sentence.start, self.sentence.end
        return sorted(
            (tag for tag in self.passage.tags if start <= tag.start and tag.end <= end), key=lambda tag: tag.start
        )


def read_sentences(source: str, options: ReadingOptions) -> list[ReadSentence]:
    """Return the sentences of a text of any length; none if nothing in it can be spoken. Raises `InvalidText`."""
    found: list[_Found] = []
    pause = 0.0
    for passage in read(source, options):
        pause += passage.pause_before
        for text in split_passage(passage.text, source):
            if _SPEAKABLE.search(text.text):
                found.append(_Found(text, passage, pause))
                pause = 0.0
        pause += passage.pause_after
    if not found:
        return []
    found[-1].pause_after = pause
    return _with_spans(source, found)


@dataclass
class _Found:
    """A sentence whose span does not have its marks yet."""

    text: AlignedText
    passage: Passage
    pause_before: float
    pause_after: float = 0.0


def _with_spans(source: str, found: list[_Found]) -> list[ReadSentence]:
    spans = [each.text.span(0, len(each.text)) for each in found]
    nexts = [start for start, _ in spans[1:]] + [len(source)]
    sentences: list[ReadSentence] = []
    previous = 0
    for each, (start, end), following in zip(found, spans, nexts, strict=True):
        first, last = with_marks(source, start, end, min(previous, start), max(following, end))
        sentence = Sentence(each.text.text, first, last, each.pause_before, each.pause_after)
        sentences.append(ReadSentence(sentence, each.text, each.passage))
        previous = last
    return sentences


def split_passage(text: AlignedText, source: str) -> list[AlignedText]:
    """Split normalised text into sentences of at most `LONGEST_SENTENCE` characters; those without words are kept."""
    pieces: list[AlignedText] = []
    start = 0
    for end in _ends(text, source):
        pieces += _breathed(text.slice(start, end).strip())
        start = end
    return _merge_short([piece for piece in pieces if len(piece)])


def _ends(text: AlignedText, source: str) -> Iterator[int]:
    """Yield where the sentences end; the last end is that of the text."""
    for match in _END.finditer(text.text):
        if not _goes_on(text, match, source):
            yield match.end()
    yield len(text)


def _goes_on(text: AlignedText, end: re.Match[str], source: str) -> bool:
    """Say whether what ends here is a quotation or an aside within a sentence: `"Why?" he asked.`."""
    return _QUOTED_END.match(source, text.starts[end.start()]) is not None


def _breathed(sentence: AlignedText) -> Iterator[AlignedText]:
    """Yield a sentence in pieces of at most `_LONGEST` characters, cut where a reader would breathe."""
    start = 0
    while len(sentence) - start > _LONGEST:
        cut = _breath(sentence.text, start)
        yield sentence.slice(start, cut).strip()
        start = cut
    yield sentence.slice(start).strip()


def _breath(text: str, start: int) -> int:
    """Return where to cut what is left of a long sentence: the best kind of place, nearest to an even share of it."""
    left = len(text) - start
    share = left / -(-left // _LONGEST)
    low, high = start + int(0.5 * share), start + min(_LONGEST, int(1.3 * share))
    for breath in _BREATHS:
        ends = [match.end() for match in breath.finditer(text, low, high)]
        if ends:
            return min(ends, key=lambda end: abs(end - start - share))
    return high


def _merge_short(sentences: list[AlignedText]) -> list[AlignedText]:
    """Merge sentences under 30 characters, which the model speaks badly, with the previous or else the next sentence.

    This is upstream's rule with a limit added: no merged sentence is longer than `LONGEST_SENTENCE`.
    """
    merged: list[AlignedText] = []
    pending: AlignedText | None = None
    for sentence in sentences:
        joined = sentence if pending is None else _spaced(pending, sentence)
        pending = None
        if len(joined) >= _SHORT:
            merged.append(joined)
        elif merged and len(merged[-1]) + 1 + len(joined) <= LONGEST_SENTENCE:
            merged[-1] = _spaced(merged[-1], joined)
        else:
            pending = joined
    return merged if pending is None else [*merged, pending]


def _spaced(first: AlignedText, second: AlignedText) -> AlignedText:
    return AlignedText.join([first, AlignedText(" ", [first.ends[-1]], [second.starts[0]]), second])
