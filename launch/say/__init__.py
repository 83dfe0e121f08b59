"""`soprano say`, a client of the speech API."""
