"""Teaching the two networks of the voice."""
