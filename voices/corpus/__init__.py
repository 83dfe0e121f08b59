"""The training data: texts, the recordings that the teacher makes of them, and the audio tokens of the recordings."""
