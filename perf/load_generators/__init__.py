"""The programs that send requests to a server or to the engine."""
