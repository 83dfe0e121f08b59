"""The files of results for people: tables, plots, pages and verdicts."""
