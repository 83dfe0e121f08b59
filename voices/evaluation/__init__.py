"""The evaluation of a voice: speech recognition and measurements of its sound and speed."""
