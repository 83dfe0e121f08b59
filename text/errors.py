"""The errors of text preparation.

TextError
├── InvalidText        the caller's text cannot be spoken
├── InvalidLexicon     a lexicon has a wrong entry, or cannot be read
├── InvalidTokenizer   a checkpoint's tokenizer cannot be read, or does not fit the model
├── TooManyTexts       the queue is full
└── QuarantinedText    two processes failed while they prepared the text
"""


class TextError(Exception):
    """Base of the package's errors; `str()` is a message for users."""


class InvalidText(TextError):
    """The text is empty, too long or has nothing that can be spoken."""


class InvalidLexicon(TextError):
    """An entry of a lexicon cannot be used, there are too many, or a file is not a lexicon."""


class InvalidTokenizer(TextError):
    """A `tokenizer.json` is missing, damaged, or made for another vocabulary."""


class TooManyTexts(TextError):
    """The queue of texts is full; the caller should try again later."""


class QuarantinedText(TextError):
    """Two processes died or hung while they prepared the text; it is not tried again."""
