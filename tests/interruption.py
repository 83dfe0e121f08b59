"""Ctrl-C, for the tests and the programs they start."""

import signal


def heed_interruptions() -> None:
    """Make SIGINT interrupt this process and every program that it starts.

    A shell without job control, such as one that runs a script, makes its background commands ignore SIGINT. Programs
    inherit ignored signals, so the tests could not interrupt what they start; they do not inherit handlers.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
