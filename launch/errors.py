"""The errors of the command line.

LaunchError
├── TritonNotFound       there is no tritonserver on this machine
├── StubNotFound         Triton's Python backend has no stub for this Python
├── LibpythonNotFound    the stub's libpython is not installed
├── InvalidSetting       a setting cannot work
├── InvalidText          a text is not UTF-8 or cannot be spoken
├── PortTaken            another program listens on a port
├── StartFailed          a server did not become ready
│   └── StartCancelled   the user stopped the start
├── ServerDied           a server ended unexpectedly
├── CheckpointUnusable   the checkpoint is missing, damaged or cannot be written
├── CannotWrite          a file or directory cannot be written
└── SpeechFailed         a server did not return the requested speech
    └── ConnectionLost   it is not there now, but may be in a moment
"""


class LaunchError(Exception):
    """Base of the command line's errors; `str()` is one sentence that says what is wrong and what to do."""


class TritonNotFound(LaunchError):
    """There is no tritonserver in any of the usual places."""


class StubNotFound(LaunchError):
    """Triton's Python backend cannot run models with this version of Python."""


class LibpythonNotFound(LaunchError):
    """The shared library of this Python, which the stub needs, is not installed."""


class InvalidSetting(LaunchError):
    """A setting has a value that cannot work; no server was started."""


class InvalidText(LaunchError):
    """A text is not UTF-8, or the text front end refuses it."""


class PortTaken(LaunchError):
    """Another program listens on a port that a server needs."""


class StartFailed(LaunchError):
    """A server ended or was not ready in time; all its processes have been stopped."""


class StartCancelled(StartFailed):
    """The start was cancelled because the user asked to stop."""


class ServerDied(LaunchError):
    """A server that was ready ended unexpectedly."""


class CheckpointUnusable(LaunchError):
    """The engine cannot find, read or write a checkpoint; it wrote the message."""


class CannotWrite(LaunchError):
    """A file or directory cannot be written."""


class SpeechFailed(LaunchError):
    """There is no server, or it answered with an error, or the connection broke."""


class ConnectionLost(SpeechFailed):
    """The server is not there, has no room or broke off: another attempt may succeed."""
