"""Scheduling: which sentences each step works on, and the step itself."""
