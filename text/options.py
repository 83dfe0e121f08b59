"""How a text is to be read: what a caller may ask for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReadingOptions:
    """How a text is to be read.

    With `plain`, the text is taken as it stands, for callers that normalise it themselves: no mark-up, no tags, no
    lexicon, and numbers as upstream's normaliser reads them. `lexicon` has pairs of a word, or several, and what is
    read in their place; an earlier pair goes before a later one. An entry in lower case stands for the word in any
    case, another one for exactly what it says.

    A `spoken` text has one sentence a line, as `split_sentences` returns them: nothing is left to be done.
    """

    plain: bool = False
    lexicon: tuple[tuple[str, str], ...] = ()
    spoken: bool = False


AS_SPOKEN = ReadingOptions()
"""Everything is put into words."""
