"""A text that is still being written, and the sentences of it that can be spoken already."""

import re
from collections import deque
from dataclasses import replace

from text.options import AS_SPOKEN, ReadingOptions
from text.sentences import LONGEST_SENTENCE, Sentence, read_sentences

STRETCH = 4000
"""Characters that are read at once, so that the time that it takes has a limit."""

CONTEXT = 1000
"""Characters of a paragraph before a sentence, from which its meaning may follow: they are read with it."""

SHORTEST_CLAUSE = 50
"""Characters of a part of a sentence that is spoken by itself."""

_LONGEST_TAG = 300
_KEPT = 100_000
_STEP, _LONGEST_STEP = 8, 256  # characters after which it is worth another look: twice as many each time
_MOST_ENDS = 3  # places that are tried as the end of a sentence, since each of them takes a reading
_SHORT = 30  # characters of a sentence that might still be merged into the one before
_END = re.compile(r"""[.!?\u2026]["'\u2019\u201d)\]}*_~`]*\s|\n""")
_STOPPED = re.compile(r"""(?<!\d)[.!?\u2026]["'\u2019\u201d)\]}*_~`]*\Z""")
_BREATH = re.compile(r"""(?<!\d)[,;:\u2013\u2014]["'\u2019\u201d)\]*_]*\s+(?=[^\W\d])""")
_PARAGRAPH = re.compile(r"\n[ \t\r]*\n\s*")
_FENCE = re.compile(r"^ {0,3}(`{3,10}|~{3,10})(.{0,100})$", re.MULTILINE)
_LINE_END = re.compile(r"\S[ \t\r]*\n[ \t]*\S")
_TAG = re.compile(r"[<\[][^<>\[\]]*\Z")
_BRACKET = re.compile(r"\([^()]*\Z")
_STOPS = (".", "!", "?", "'")
# What might follow: it begins a sentence of its own, or goes on with one that has begun.
_NEXT_SENTENCE = " The long story goes on and on for a good while."
_NEXT_WORDS = " and so the long story goes on and on for a good while."


class GrowingText:
    """Splits a text that grows into the sentences that `split_sentences` finds in the whole of it.

        text = GrowingText()
        text.append("Dr. Who paid $5 for it. That was all he had ")
        text.settled()  # nothing: a short sentence would belong to the first
        text.append("in his pocket.")
        text.settled()  # "doctor who paid five dollars for it."
        text.flush()
        text.settled()  # "that was all he had in his pocket."

    Each method that returns sentences takes them: no other returns them again. Their spans count code points from the
    beginning of the text. All of them raise `InvalidText` for a pause that is too long. One call reads at most
    `CONTEXT` and `STRETCH` characters.

    `previous_text` came before the text and was spoken already; what follows is read as what goes on with it, unless it
    goes on in the middle of code, a list or a verse.
    """

    def __init__(self, options: ReadingOptions = AS_SPOKEN, previous_text: str = "") -> None:
        self._options = options
        self._source = previous_text
        self._base = -len(previous_text)  # the position of `_source` in the whole text
        self._context = 0  # where the paragraph that is being read begins; this and what follows count from `_base`
        self._fence = ""  # the line with which the code begins that the context is a part of
        self._taken = len(previous_text)
        self._last = self._taken  # where the last sentence begins that was taken
        self._flushes: deque[int] = deque()
        self._next_look = 0
        self._step = _STEP
        self._ended = False
        self.pause_after = 0.0
        """Seconds of silence that the text asks for after its last sentence; known when all of it is taken."""
        self._move_context()

    def __len__(self) -> int:
        return self._base + len(self._source)

    def __getitem__(self, span: slice) -> str:
        """A part of the text; at least the last 100,000 characters are kept."""
        return self._source[max(0, span.start - self._base) : max(0, span.stop - self._base)]

    @property
    def waiting(self) -> int:
        """Characters that are not taken."""
        return len(self._source) - self._taken

    @property
    def taken(self) -> int:
        """Where in the text the part begins that is not taken."""
        return self._base + self._taken

    @property
    def has_end(self) -> bool:
        """Whether what is not taken has something that looks like the end of a sentence."""
        return _END.search(self._source, self._taken) is not None

    @property
    def may_have_settled(self) -> bool:
        """Whether it is worth the time to call `settled`."""
        if self._flushes or self.waiting >= STRETCH:
            return True
        if len(self._source) < self._next_look:
            return False
        end = _END.search(self._source, self._taken)
        return end is not None and len(self._source) - end.end() >= _SHORT

    def append(self, text: str) -> None:
        """Add the next characters."""
        self._forget()
        self._source += text

    def flush(self) -> None:
        """Mark that what has been written so far is to be spoken, complete or not."""
        if self.waiting:
            self._flushes.append(len(self._source))
            self._next_look = 0

    def end(self) -> None:
        """Mark that nothing follows."""
        if not self._ended:
            self._ended = True
            self._flushes.append(len(self._source))

    def clear(self) -> None:
        """Drop what is not taken."""
        self._flushes.clear()
        self._advance(len(self._source))
        self._begin_context(self._taken)

    def settled(self) -> list[Sentence]:
        """Return the sentences that no later text changes, and all up to a flush."""
        if not self.may_have_settled:
            return []
        if self._flushes and self._flushes[0] - self._taken <= STRETCH:
            return self._flushed(self._flushes.popleft())
        stop = self._taken + STRETCH
        is_full = len(self._source) >= stop
        self._next_look = len(self._source) + self._step
        self._step = min(2 * self._step, _LONGEST_STEP)
        sentences = self._read(self._source[:stop])
        count = self._settled_count(sentences)
        if not count and is_full:
            count = max(1, len(sentences) - 1)
        if not sentences and is_full:  # nothing in it can be spoken
            self._advance(stop)
        return self._take(sentences[:count])

    def complete(self, *, stopped: bool = False) -> list[Sentence]:
        """Return the sentences whose end is written, although a short one might follow that belongs to the last.

        With `stopped`, the writer has stopped for a while: a short sentence is spoken by itself, and a full stop at the
        very end is an end, too.
        """
        stop = self._last_boundary(stopped=stopped)
        return [] if stop is None else self._take_to(stop)

    def expected(self) -> Sentence | None:
        """Return the first sentence whose end is written, without taking it.

        It is the next one that is taken, with the same words, unless a short one follows that belongs to it.
        """
        stop = self._last_boundary(stopped=False)
        sentences = [] if stop is None else self._read(self._source[:stop])
        return sentences[0] if sentences else None

    def clause(self) -> list[Sentence]:
        """Return the beginning of an unfinished sentence, up to the last place where a reader would breathe."""
        unspoken = self._source[: self._taken + STRETCH]
        places = [match.end() for match in _BREATH.finditer(unspoken, self._taken)]
        for stop in reversed(places):
            if stop - self._taken < SHORTEST_CLAUSE:
                break
            if not self._in_tag(stop):
                sentences = self._take_to(stop)
                return sentences[:-1] + [_with_comma(each) for each in sentences[-1:]]
        if len(unspoken) - self._taken <= LONGEST_SENTENCE:
            return []
        return self._take(self._read(unspoken)[:-1])

    def _flushed(self, stop: int) -> list[Sentence]:
        """Return everything up to a flush."""
        final = self._ended and stop == len(self._source)
        source = self._source[:stop]
        sentences = self._read(source)
        if final:
            everything = sentences or self._sentences(source)
            self.pause_after = everything[-1].pause_after if everything else 0.0
        taken = self._take(sentences)
        self._advance(stop)
        return taken

    def _settled_count(self, sentences: list[Sentence]) -> int:
        """Return how many of the sentences nothing can change that follows."""
        count = len(sentences) - 1
        # The last word may not be written to its end, and what is short is merged.
        if count > 0 and self._may_be_short(sentences[-1]):
            count -= 1
        while count > 0 and not self._is_cut(sentences[count - 1], sentences[count]):
            count -= 1
        return max(0, count)

    def _may_be_short(self, last: Sentence) -> bool:
        """Tell whether the last sentence may become one that is merged; its lines may be parted later."""
        line = self[last.start : last.end].partition("\n")[0]
        return min(len(last.text.rpartition(" ")[0]), len(line)) < _SHORT

    def _is_cut(self, sentence: Sentence, following: Sentence) -> bool:
        """Tell whether a text can be cut between two sentences."""
        place = following.start - self._base
        if following.start < sentence.end or self._in_tag(place):
            return False
        # A bracket is read as a pause if it is closed, and where a long sentence is cut depends on its length.
        if _BRACKET.search(self._source, max(self._taken, place - CONTEXT), place):
            return False
        if not sentence.text.endswith(_STOPS):
            return False
        # Lines decide together with those that follow whether they were only wrapped.
        paragraph = _PARAGRAPH.search(self._source, sentence.end - self._base)
        end = paragraph.start() if paragraph else len(self._source)
        lines = _LINE_END.search(self._source, self._context, end)
        return paragraph is not None or lines is None

    def _in_tag(self, position: int) -> bool:
        """Tell whether a tag that begins before a position is not closed before it."""
        return _TAG.search(self._source, max(self._taken, position - _LONGEST_TAG), position) is not None

    def _ends(self, *, stopped: bool) -> list[int]:
        """Return the last places where a sentence may end, the last one first."""
        stop = self._taken + STRETCH
        ends = [match.end() for match in _END.finditer(self._source, self._taken, stop)]
        if stopped and _STOPPED.search(self._source, self._taken):
            ends.append(len(self._source))
        return ends[-_MOST_ENDS:][::-1]

    def _last_boundary(self, *, stopped: bool) -> int | None:
        """Return the last place where a sentence ends, whatever follows."""
        return next((stop for stop in self._ends(stopped=stopped) if self._is_boundary(stop, stopped=stopped)), None)

    def _is_boundary(self, stop: int, *, stopped: bool) -> bool:
        """Tell whether a sentence ends at a place, whatever follows."""
        if self._in_tag(stop):
            return False
        following = self._source[stop : stop + STRETCH].rstrip()
        probe = self._source[:stop] + (following + _NEXT_WORDS if following else _NEXT_SENTENCE)
        sentences = self._sentences(probe)
        if stopped:
            written = _joined(self._sentences(self._source[:stop]))
            # The full stop of `Dr.` is none.
            return written.endswith((".", "!", "?")) and _joined(sentences).startswith(written)
        place = self._base + stop
        return sentences[-1].start >= place and not any(each.start < place < each.end for each in sentences)

    def _take_to(self, stop: int) -> list[Sentence]:
        taken = self._take(self._read(self._source[:stop]))
        self._advance(stop)
        return taken

    def _read(self, source: str) -> list[Sentence]:
        """Return the sentences at the end of a beginning of the text that are not taken."""
        if len(source) <= self._taken:
            return []
        untaken = [each for each in self._sentences(source) if each.end > self.taken]
        if untaken and untaken[0].start < self.taken:  # read otherwise than before: what is taken stays so
            self._begin_context(self._taken)
            untaken = self._sentences(source)
        return untaken

    def _sentences(self, source: str) -> list[Sentence]:
        offset = self._base + self._context - len(self._fence)
        return [
            replace(each.sentence, start=each.sentence.start + offset, end=each.sentence.end + offset)
            for each in read_sentences(self._paragraph(source), self._options)
        ]

    def _paragraph(self, source: str) -> str:
        return self._fence + source[self._context :]

    def _take(self, sentences: list[Sentence]) -> list[Sentence]:
        if sentences:
            self._last = sentences[-1].start - self._base
            self._advance(sentences[-1].end - self._base)
        # A pause after the last of them comes before the next one.
        return [replace(each, pause_after=0.0) for each in sentences]

    def _advance(self, position: int) -> None:
        self._taken = max(self._taken, min(position, len(self._source)))
        self._next_look, self._step = 0, _STEP
        while self._flushes and self._flushes[0] <= self._taken:
            self._flushes.popleft()
        self._move_context()

    def _move_context(self) -> None:
        """Let the context begin with the paragraph of the last sentence, or of its beginning, and limit it."""
        breaks = [match.end() for match in _PARAGRAPH.finditer(self._source, self._context, self._last)]
        if breaks:
            self._begin_context(breaks[-1])
        if self._taken - self._context > CONTEXT:
            # What follows a sentence is read with it, and with the mark of its line.
            line = self._source.rfind("\n", 0, self._last) + 1
            starts = (start for start in (line, self._last) if self._taken - start <= CONTEXT)
            self._begin_context(max(self._context, next(starts, self._taken)))

    def _begin_context(self, position: int) -> None:
        self._fence = "" if self._options.plain else _open_fence(self._paragraph(self._source[:position]))
        self._context = position

    def _forget(self) -> None:
        """Drop what was spoken long ago."""
        if self._context > 2 * _KEPT:
            dropped = self._context - _KEPT
            self._source = self._source[dropped:]
            self._base += dropped
            self._context -= dropped
            self._taken -= dropped
            self._last = max(0, self._last - dropped)
            self._next_look = max(0, self._next_look - dropped)
            self._flushes = deque(position - dropped for position in self._flushes)


def _open_fence(text: str) -> str:
    """Return the line with which the code begins in which a text ends; nothing if it ends outside of code."""
    opening: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opening is None:
            opening = fence if fence[1][0] == "~" or "`" not in fence[2] else None
        elif fence[1].startswith(opening[1]) and not fence[2].strip():
            opening = None
    return f"{opening[0]}\n" if opening else ""


def _with_comma(sentence: Sentence) -> Sentence:
    """Return a clause without the full stop that the reading of it ends with."""
    return replace(sentence, text=f"{sentence.text.rstrip('.')},")


def _joined(sentences: list[Sentence]) -> str:
    return " ".join(each.text for each in sentences)
