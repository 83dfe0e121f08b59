"""Making the voice in the box: a small Soprano, taught to speak by a free synthesiser."""
