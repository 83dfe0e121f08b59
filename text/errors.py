"""Everything that preparing a text raises on purpose.

TextError
├── InvalidText        the caller's text cannot be spoken
├── InvalidTokenizer   a checkpoint's tokenizer cannot be read, or does not fit
├── TooManyTexts       every place in the waiting line is taken
└── QuarantinedText    two processes failed over the text
"""


class TextError(Exception):
    """Base of the package's errors; `str()` is the sentence for a person."""


class InvalidText(TextError):
    """The text is empty, too long or holds nothing that can be spoken."""


class InvalidTokenizer(TextError):
    """A `tokenizer.json` is missing, damaged, or made for another vocabulary."""


class TooManyTexts(TextError):
    """As many texts as may wait are waiting; the caller should come back later."""


class QuarantinedText(TextError):
    """A process ended or hung over the text, and another one over the second try: it is not tried again."""
