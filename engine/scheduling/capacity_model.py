"""How fast the machine is, and so how much it may take on."""

import sys

from engine.scheduling.step_cost import StepCost

_SMALLEST_CHUNK = 32  # prompt tokens; fewer would cost almost as much
_WEIGHT = 0.2  # of the newest step in the moving averages
_STATE_SECONDS = 0.064  # of audio, for every stream in every step
_SHARE = 0.8  # of which a step may take, for streams to get ahead of their listeners
_SHARE_OF_BUFFERED = 1 / 16  # of the audio that a listener has left, what one step may take
_SHARE_FOR_PROMPTS = 1 / 8  # and its prompts
_PROMPT_GUESS = ((16, 0.01), (512, 0.1))  # tokens and seconds, before any were read


class CapacityModel:
    """Moving averages of what a step takes, in seconds.

    Prompts are read in pieces, so that a burst of them does not stall the streams that run: while somebody listens, a
    step takes no longer with prompts than the audio lasts that it makes, or than a small share of the audio that every
    listener has left. Of streams, it takes on as many as it keeps ahead of their listeners.
    """

    def __init__(self, cost: StepCost) -> None:
        self.step_seconds = 0.01
        self._cost = cost
        self._prompt_cost = StepCost(_PROMPT_GUESS)

    def observe(self, step_seconds: float, prompt_seconds: float, prompt_tokens: int, rows: int) -> None:
        """Take in what a step with so many rows took, without its prompts and for them."""
        step_seconds = self._cost.credible(step_seconds, rows)
        prompt_seconds = self._prompt_cost.credible(prompt_seconds, prompt_tokens)
        self._cost.observe(rows, step_seconds, prompt_seconds)
        self.step_seconds += _WEIGHT * (step_seconds - self.step_seconds)
        if prompt_tokens:
            self._prompt_cost.observe(prompt_tokens, prompt_seconds, 0.0)

    def prompt_tokens(self, limit: int, least_buffered: float) -> int:
        """Return how many prompt tokens the next step may read.

        `least_buffered` is the audio that the listener closest to running dry has left, in seconds; infinite if nobody
        listens.
        """
        if least_buffered == float("inf"):
            return limit
        seconds = max(_SHARE * _STATE_SECONDS - self.step_seconds, _SHARE_FOR_PROMPTS * least_buffered)
        tokens = self._prompt_cost.rows(seconds) // _SMALLEST_CHUNK * _SMALLEST_CHUNK
        return min(max(tokens, _SMALLEST_CHUNK), limit)

    def stream_capacity(self) -> int:
        """Return how many streams the machine keeps ahead of their listeners, at least one."""
        return self._cost.rows(_SHARE * _STATE_SECONDS)

    def rows(self, least_buffered: float) -> int:
        """Return how many sentences the next step may go on with, so that no listener runs dry.

        Those who have much audio left can wait for longer steps, which do more in the same time. Where that is so for
        everybody, the buffered settle where a step takes as long as its audio lasts: at one second.
        """
        if least_buffered == float("inf"):
            return sys.maxsize
        seconds = max(_SHARE * _STATE_SECONDS, _SHARE_OF_BUFFERED * least_buffered)
        return self._cost.rows(seconds)

    def times_real_time(self, rows: int) -> float:
        """Return the seconds of audio that are made a second in steps of so many rows."""
        return rows * _STATE_SECONDS / self._cost.seconds(rows)
