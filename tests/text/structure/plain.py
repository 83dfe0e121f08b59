"""What the tests of this package compare: a text's segments in one line."""

from text.structure.segments import segments


def plain(source: str) -> str:
    """Return the plain text, with each pause as its seconds in brackets."""
    parts = []
    for segment in segments(source):
        parts += [f"[{segment.pause_before:g}]"] * bool(segment.pause_before)
        parts += [segment.text.text]
        parts += [f"[{segment.pause_after:g}]"] * bool(segment.pause_after)
    return " ".join(parts)
