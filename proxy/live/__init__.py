"""Speech for texts that are still being written."""
