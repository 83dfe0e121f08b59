"""The responses that carry a clip."""
