"""Load on running servers: requests as users send them, and what their listeners hear."""
