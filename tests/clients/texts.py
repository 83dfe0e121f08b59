"""What the clients have spoken, and how they hear it."""

TEXT = "Hello there. This is a test."
LONG_TEXT = " ".join(["This is one of very many sentences that nobody is going to hear."] * 50)
"""Speech of minutes: a client that has its beginning is in the middle of it."""

CLIENTS_RATE = 24000
