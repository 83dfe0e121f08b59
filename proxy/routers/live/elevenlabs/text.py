"""One text of a client of ElevenLabs' WebSockets."""

import re

from proxy.errors import InvalidValue
from proxy.live.speech import LiveSpeech
from proxy.routers.live.elevenlabs.messages import ClientMessage, Query

_SENTENCE_END = re.compile(r"""[.!?\u2026]["'\u2019\u201d)\]]*\s*\Z""")


class WrittenText:
    """Passes what a client writes on to its speech.

    In `auto_mode`, clients send whole sentences, and may leave out the space between two: what ends like one is spoken
    at once.
    """

    def __init__(self, speech: LiveSpeech, query: Query) -> None:
        self._speech = speech
        self._auto_mode = query.auto_mode
        self._has_words = False
        self.flushed = True
        """Whether nothing was written since the last flush."""

    def write(self, message: ClientMessage) -> None:
        """Take in the text and the flush of a message."""
        text = message.text or ""
        if text.strip():
            self._has_words, self.flushed = True, False
        if text:
            self._speech.append(text)
        if message.flush or (self._auto_mode and _SENTENCE_END.search(text)):
            self._speech.flush()
            self.flushed = True

    def end(self) -> None:
        """Mark that nothing follows."""
        self._speech.end()

    def require_speech(self) -> None:
        """Raise `InvalidValue` if words were written and nothing was heard."""
        if self._has_words and not self._speech.seconds:
            raise InvalidValue("text", "there is nothing in it that can be spoken.")
