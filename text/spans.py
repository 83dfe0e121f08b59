"""Where a sentence stands in the caller's text."""

_OPENING = frozenset("\"'([{«¿¡*_~\N{LEFT DOUBLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}")
_CLOSING = frozenset("\"')]}»*_~.,!?;:\N{RIGHT DOUBLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}")


def with_marks(source: str, start: int, end: int, previous: int, following: int) -> tuple[int, int]:
    """Return a span with the quotation marks, brackets and stops around it, which are not heard, and no white space.

    It does not go beyond `previous`, where the sentence before ends, and `following`, where the next one begins.
    """
    while source[start].isspace() and start < end - 1:
        start += 1
    while source[end - 1].isspace() and start < end - 1:
        end -= 1
    while start > previous and source[start - 1] in _OPENING:
        start -= 1
    while end < following and source[end] in _CLOSING:
        end += 1
    return start, end
