"""Together's protocol for speech over a WebSocket."""
