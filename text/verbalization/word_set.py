"""Sets of words."""


def word_set(words: str) -> frozenset[str]:
    """Return the words of a text that has nothing but words and white space."""
    return frozenset(words.split())
