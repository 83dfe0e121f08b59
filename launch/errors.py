"""Everything the command line refuses or gives up on.

LaunchError
├── TritonNotFound       there is no tritonserver on this machine
├── StubNotFound         Triton's Python backend has no stub for this Python
├── LibpythonNotFound    the stub's libpython is not installed
├── InvalidSetting       a setting cannot work
├── PortTaken            something listens on a port already
├── StartFailed          a server did not become ready
│   └── StartCancelled   someone asked to stop before it was ready
├── ServerDied           a server ended by itself while it was needed
├── CheckpointUnusable   the checkpoint is missing, damaged or cannot be written
├── CannotWrite          a file or directory cannot be written
└── SpeechFailed         a server did not return the speech it was asked for
"""


class LaunchError(Exception):
    """Base of the command line's errors: `str()` is one sentence that says what is wrong and what to do."""


class TritonNotFound(LaunchError):
    """There is no tritonserver where it was looked for."""


class StubNotFound(LaunchError):
    """Triton's Python backend cannot run models with this version of Python."""


class LibpythonNotFound(LaunchError):
    """The shared library of this Python, which the stub needs, is not installed."""


class InvalidSetting(LaunchError):
    """A setting has a value that cannot work; nothing was started."""


class PortTaken(LaunchError):
    """Something listens on a port that a server was to have."""


class StartFailed(LaunchError):
    """A server ended or was not ready in time; whatever of it was running has been stopped."""


class StartCancelled(StartFailed):
    """The start was given up because someone asked to stop."""


class ServerDied(LaunchError):
    """A server that was ready ended by itself."""


class CheckpointUnusable(LaunchError):
    """The engine cannot find, read or write a checkpoint; the message is the engine's."""


class CannotWrite(LaunchError):
    """The file system refuses a file or directory."""


class SpeechFailed(LaunchError):
    """No speech came back: there is no server, or it answered with an error, or it broke off."""
