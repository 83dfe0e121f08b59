"""What the voice learns from: texts, the teacher's readings, and the tokens made of them."""
