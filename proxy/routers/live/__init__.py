"""The WebSockets through which a text comes while it is written, each in the dialect of those who use it."""
