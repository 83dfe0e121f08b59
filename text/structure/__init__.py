"""Structure: takes mark-up and tags out of a text, and says where lines and pauses are."""
