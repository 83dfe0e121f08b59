"""Verbalisation: puts into words what upstream's normaliser would misread, class by class."""
