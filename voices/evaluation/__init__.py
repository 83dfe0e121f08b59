"""What listeners and instruments find in a voice."""
