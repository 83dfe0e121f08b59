"""Which sentences a step works on."""
