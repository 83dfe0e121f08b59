"""Web addresses, e-mail, files and identifiers."""
