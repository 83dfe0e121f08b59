"""The texts that clients request, and the sample rate of their `pcm`."""

TEXT = "Hello there. This is a test."
LONG_TEXT = " ".join(["This is one of very many sentences that nobody is going to hear."] * 50)
"""A text of several minutes: a client that has received its first audio is in the middle of the clip."""

SENTENCES = (
    "The bakery on the corner opens early every morning.",
    "Please send me the report before lunch on Friday.",
    "My sister moved to a small town near the coast.",
)
"""What the recogniser understands well in the built-in voice; without numbers, which it writes in figures."""

CLIENTS_RATE = 24000
