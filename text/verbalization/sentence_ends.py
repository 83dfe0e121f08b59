"""Whether the full stop of an abbreviation also ends its sentence."""

import re

from text.verbalization.word_set import word_set

_BEHIND = re.compile(r"[\"']{0,2} *(?:\n|\Z)|[\"')\]]{0,3}(?: +[\"'(\[]{0,2}(?P<word>[A-Z][A-Za-z]*))")

# Words that begin a sentence far more often than a name.
_STARTERS = word_set(
    """
    a about after again all also although always an and another any anyone are as ask at be because before both bring
    but buy by call can check come could did do does don each even every everyone everything few finally first for from
    get give go good had has have he her here his how however i if in instead is it its just keep last later let like
    look make many maybe meanwhile most much my never next no nobody none nor not nothing now of often on once one only
    open or other others our out over perhaps please put read remember see send several she should since so some someone
    sometimes soon still stop such take tell thanks that the their then there these they this those though thus to today
    together tomorrow try turn two under unlike until use wait was we well were what when where whether which while who
    why will with without would yes yesterday yet you your
    """
)


def is_starter(word: str) -> bool:
    """Return whether a word begins sentences more often than it is part of a name: `The`, `She`."""
    return word.lower() in _STARTERS


def ends_sentence(match: re.Match[str], *, by_default: bool = False) -> bool:
    """Return whether the sentence ends with a match.

    It does at the end of a line and before a word that begins sentences. Before another capitalised word it does
    `by_default`.
    """
    behind = _BEHIND.match(match.string, match.end())
    if behind is None:
        return False
    if behind["word"] is None:
        return True
    return by_default or is_starter(behind["word"])


def stopped(match: re.Match[str], words: str, *, by_default: bool = False) -> str:
    """Return words, with a full stop if the sentence ends with the match."""
    return f"{words}." if ends_sentence(match, by_default=by_default) else words
