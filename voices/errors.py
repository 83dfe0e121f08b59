"""What can go wrong while a voice is made, in words for the person who makes it."""


class VoiceError(Exception):
    """The voice cannot be made; the message says what is missing and what to do."""
