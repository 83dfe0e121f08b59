"""Identifiers of events, items, responses and sessions."""

import uuid


def new_id(prefix: str) -> str:
    """A new identifier, such as `resp_…`."""
    return f"{prefix}_{uuid.uuid4().hex}"
