"""The error of training and evaluation, with a message for the person who runs them."""


class VoiceError(Exception):
    """The voice cannot be made; the message says what is missing and what to do."""
