"""The error of a body that cannot be played."""


class Unplayable(Exception):
    """A body is not the audio that it is said to be; `str()` says why."""
