"""What a step takes, learned from steps."""

from collections.abc import Iterable

_MEMORY = 0.98  # of what was learned, how much a step leaves
_MEMORY_OF_PROMPTS = 0.995  # longer, as few steps read any
_PRIOR_SPREAD = 0.1  # of the rows: what they vary less says little about the cost of a row
_PRIOR_SHARE = 0.5  # of a step that is taken to be for its rows, where nothing says otherwise
_MIN_SHARE = 0.25  # and at least
_LARGEST_SURPRISE = 4.0  # times what was expected, that one step counts for


class StepCost:
    """A straight line through the steps of late, seconds over rows: a part that every step has, and one for each row.

    Least squares, in which a step counts for as much as it has rows, and old ones for less and less. Where steps hardly
    differ in their rows, the slope follows from a rule of thumb, which is cautious for steps of more rows.
    """

    def __init__(self, measured: Iterable[tuple[int, float]]) -> None:
        """Begin with rows and seconds of some steps, which are soon forgotten."""
        self._weight = self._rows = self._squares = self._seconds = self._products = 0.0
        self._step_seconds = self._prompt_seconds = 0.0
        for rows, seconds in measured:
            self._add(rows, seconds, weight=1 / rows**2)

    def observe(self, rows: int, step_seconds: float, prompt_seconds: float) -> None:
        """Take in a step: what it took without its prompts, and for them.

        One that took far longer than expected counts for a part of that: a machine that was paused says nothing about
        the next step. One that has become slow for good is learned within some steps.
        """
        step_seconds = self.credible(step_seconds, rows)
        for name in ("_weight", "_rows", "_squares", "_seconds", "_products"):
            setattr(self, name, getattr(self, name) * _MEMORY)
        self._add(rows, step_seconds, weight=rows)
        self._step_seconds = self._step_seconds * _MEMORY_OF_PROMPTS + step_seconds
        self._prompt_seconds = self._prompt_seconds * _MEMORY_OF_PROMPTS + prompt_seconds

    def credible(self, seconds: float, rows: int) -> float:
        """Return the time that a step took, or the most that one step can convince of."""
        return min(seconds, _LARGEST_SURPRISE * self.seconds(rows))

    def seconds(self, rows: int) -> float:
        """Return what a step with so many rows takes, its share of the prompts included."""
        fixed, row = self._line()
        return fixed + row * rows

    def rows(self, seconds: float) -> int:
        """Return how many rows a step may have to take no longer than that; at least one."""
        fixed, row = self._line()
        return max(1, int((seconds - fixed) / row))

    def _add(self, rows: int, seconds: float, weight: float) -> None:
        self._weight += weight
        self._rows += weight * rows
        self._squares += weight * rows * rows
        self._seconds += weight * seconds
        self._products += weight * rows * seconds

    def _line(self) -> tuple[float, float]:
        """Return the two parts."""
        rows, seconds = self._rows / self._weight, self._seconds / self._weight
        variance = self._squares / self._weight - rows * rows
        covariance = self._products / self._weight - rows * seconds
        prior = (_PRIOR_SPREAD * rows) ** 2
        each = seconds / rows
        row = (covariance + prior * _PRIOR_SHARE * each) / (variance + prior)
        row = min(max(row, _MIN_SHARE * each), each)
        prompts = 1 + self._prompt_seconds / self._step_seconds if self._step_seconds else 1.0
        return prompts * (seconds - row * rows), prompts * row
