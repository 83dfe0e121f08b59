"""Abbreviations, acronyms, initials, Roman numerals and postal addresses."""
