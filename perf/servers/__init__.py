"""The servers under measurement."""
