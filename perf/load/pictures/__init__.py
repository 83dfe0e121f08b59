"""The results of load tests as pictures."""
