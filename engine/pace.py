"""How fast the machine is, and how much of a step may go to prompts."""

_SMALLEST_PIECE = 16  # prompt tokens; fewer would cost as much
_WEIGHT = 0.2  # of the newest step in the moving averages


class Pace:
    """Moving averages of what a step takes, in seconds.

    Prompts are read in pieces, so that a burst of them does not stall the streams that run: while somebody listens, a
    step spends no more on prompts than it takes by itself, and less if a listener is about to run out of audio.
    """

    def __init__(self) -> None:
        self.step_seconds = 0.01
        self._token_seconds = 0.0005

    def observe(self, seconds: float, prompt_tokens: int) -> None:
        """Take in a step's duration."""
        if prompt_tokens == 0:
            self.step_seconds += _WEIGHT * (seconds - self.step_seconds)
        else:
            each = max(seconds - self.step_seconds, 0.0) / prompt_tokens
            self._token_seconds += _WEIGHT * (each - self._token_seconds)

    def prompt_tokens(self, most: int, least_lead: float) -> int:
        """Return how many prompt tokens the next step may read.

        `least_lead` is the audio that the listener closest to running dry has left, in seconds; infinite if nobody
        listens.
        """
        if least_lead == float("inf"):
            return most
        seconds = min(self.step_seconds, least_lead - 2 * self.step_seconds)
        return max(min(int(seconds / max(self._token_seconds, 1e-9)), most), min(_SMALLEST_PIECE, most))
