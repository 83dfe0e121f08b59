"""Positions: a Markdown parser for inline mark-up whose tokens know where in their text they stand."""

from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline.state_inline import Scanned, StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType

_ASCII_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


class PositionedState(StateInline):
    """Gives every token `meta["position"]`, the index in `src` where its mark-up begins."""

    _pushed_at = -1
    _pushed = 0
    """Markers pushed at one position: a run of them is pushed one by one, and then skipped."""

    def push(self, ttype: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
        """Push a token that begins at `pos`."""
        token = super().push(ttype, tag, nesting)
        if self.pos != self._pushed_at:
            self._pushed_at, self._pushed = self.pos, 0
        token.meta = {"position": self.pos + self._pushed}
        self._pushed += 1
        return token

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803 (the parser's name)
        """Find out whether markers can open or close: none opens between letters or digits (`5*3`, `f**k`)."""
        scanned = super().scanDelims(start, canSplitWord)
        end = start + scanned.length
        is_inside = (
            start > 0 and end < self.posMax and self.src[start - 1] in _ASCII_WORD and self.src[end] in _ASCII_WORD
        )
        if not is_inside:
            return scanned
        # `**Note**that` ends there, `*args, 2*b` does not.
        return scanned._replace(can_open=False, can_close=scanned.can_close and scanned.length > 1)


class PositionedInline(ParserInline):
    """Parses inline mark-up with positions."""

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        """Parse a block's content."""
        state = PositionedState(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens
