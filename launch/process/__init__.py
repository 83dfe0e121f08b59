"""Processes, ports and signals."""
