"""Making the built-in voice: a small Soprano, taught to speak by a free synthesiser."""
