"""ElevenLabs' API, as far as its clients use it to speak: two WebSockets, and plain HTTP."""
