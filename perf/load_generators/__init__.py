"""What sends requests to a server or to the engine."""
