"""The report of load tests as a person reads it, in Markdown."""
