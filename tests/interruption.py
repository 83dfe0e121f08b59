"""Ctrl-C, for the tests and the programs they start."""

import signal


def heed_interruptions() -> None:
    """Let this process, and with it every program that it starts, be interrupted by SIGINT.

    A shell without job control, such as one that runs a script, has its background commands ignore SIGINT, and a
    program inherits what is ignored: the tests could not interrupt what they start. Nothing inherits a handler.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
