"""Results as files that people read: tables, plots, pages and verdicts."""
