"""The parts that all measurements share: facts of the machine, worker processes, servers and texts."""
