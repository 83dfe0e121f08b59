"""How fast the machine is, and how much of a step may go to prompts."""

_SMALLEST_PIECE = 16  # prompt tokens; fewer would cost as much
_WEIGHT = 0.2  # of the newest step in the moving averages
_STATE_SECONDS = 0.064  # of audio, for every stream in every step
_SHARE = 0.8  # of which a step may take, for streams to get ahead of their listeners


class Pace:
    """Moving averages of what a step takes, in seconds.

    Prompts are read in pieces, so that a burst of them does not stall the streams that run. While somebody listens, a
    step takes no longer with prompts than the audio lasts that it makes; or twice as long as without, where every
    listener has some audio left.
    """

    def __init__(self) -> None:
        self.step_seconds = 0.01
        self._token_seconds = 0.0005

    def observe(self, step_seconds: float, prompt_seconds: float, prompt_tokens: int) -> None:
        """Take in what a step took, without its prompts and for them."""
        self.step_seconds += _WEIGHT * (step_seconds - self.step_seconds)
        if prompt_tokens:
            self._token_seconds += _WEIGHT * (prompt_seconds / prompt_tokens - self._token_seconds)

    def prompt_tokens(self, most: int, least_lead: float) -> int:
        """Return how many prompt tokens the next step may read.

        `least_lead` is the audio that the listener closest to running dry has left, in seconds; infinite if nobody
        listens.
        """
        if least_lead == float("inf"):
            return most
        seconds = _SHARE * _STATE_SECONDS - self.step_seconds
        if least_lead > 4 * self.step_seconds:
            seconds = max(seconds, self.step_seconds)
        tokens = round(seconds / max(self._token_seconds, 1e-9)) // _SMALLEST_PIECE * _SMALLEST_PIECE
        return min(max(tokens, _SMALLEST_PIECE), most)
