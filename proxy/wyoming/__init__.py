"""Wyoming, the protocol by which Home Assistant speaks, over TCP."""
