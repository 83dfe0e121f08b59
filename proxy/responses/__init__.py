"""How a clip is answered."""
