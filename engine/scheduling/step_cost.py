"""An estimate of a step's duration, learned from measured steps."""

from collections.abc import Iterable

_MEMORY = 0.98  # of the previous sums that each step keeps
_MEMORY_OF_PROMPTS = 0.995  # longer, because few steps read prompts
_PRIOR_SPREAD = 0.1  # of the mean rows: a smaller spread says little about the cost of a row
_PRIOR_SHARE = 0.5  # of a step that is attributed to its rows a priori
_MIN_SHARE = 0.25  # of a step that is attributed to its rows at least
_LARGEST_SURPRISE = 4.0  # times the expected duration: the limit of what one step counts for


class StepCost:
    """A linear model of recent steps: seconds = fixed part + rows * part per row.

    It is fitted by least squares, weighted by rows, with exponential forgetting. If the steps hardly differ in their
    rows, a prior determines the slope; it overestimates steps of more rows.
    """

    def __init__(self, measured: Iterable[tuple[int, float]]) -> None:
        """Start with the rows and seconds of some steps, which are soon forgotten."""
        self._weight = self._rows = self._squares = self._seconds = self._products = 0.0
        self._step_seconds = self._prompt_seconds = 0.0
        for rows, seconds in measured:
            self._add(rows, seconds, weight=1 / rows**2)

    def observe(self, rows: int, step_seconds: float, prompt_seconds: float) -> None:
        """Record one step's decode and prefill time.

        A step that took far longer than expected counts only in part, because the machine may have been paused. A
        machine that stays slow is learned within some steps.
        """
        step_seconds = self.credible(step_seconds, rows)
        for name in ("_weight", "_rows", "_squares", "_seconds", "_products"):
            setattr(self, name, getattr(self, name) * _MEMORY)
        self._add(rows, step_seconds, weight=rows)
        self._step_seconds = self._step_seconds * _MEMORY_OF_PROMPTS + step_seconds
        self._prompt_seconds = self._prompt_seconds * _MEMORY_OF_PROMPTS + prompt_seconds

    def credible(self, seconds: float, rows: int) -> float:
        """Return `seconds`, limited to what a single step counts for."""
        return min(seconds, _LARGEST_SURPRISE * self.seconds(rows))

    def seconds(self, rows: int) -> float:
        """Return the duration of a step with `rows` rows, including an average share for prompts."""
        fixed, row = self._line()
        return fixed + row * rows

    def rows(self, seconds: float) -> int:
        """Return how many rows a step of at most `seconds` may have, at least one."""
        fixed, row = self._line()
        return max(1, int((seconds - fixed) / row))

    def _add(self, rows: int, seconds: float, weight: float) -> None:
        self._weight += weight
        self._rows += weight * rows
        self._squares += weight * rows * rows
        self._seconds += weight * seconds
        self._products += weight * rows * seconds

    def _line(self) -> tuple[float, float]:
        """Return the fixed part and the part per row, in seconds."""
        rows, seconds = self._rows / self._weight, self._seconds / self._weight
        variance = self._squares / self._weight - rows * rows
        covariance = self._products / self._weight - rows * seconds
        prior = (_PRIOR_SPREAD * rows) ** 2
        each = seconds / rows
        row = (covariance + prior * _PRIOR_SHARE * each) / (variance + prior)
        row = min(max(row, _MIN_SHARE * each), each)
        prompts = 1 + self._prompt_seconds / self._step_seconds if self._step_seconds else 1.0
        return prompts * (seconds - row * rows), prompts * row
