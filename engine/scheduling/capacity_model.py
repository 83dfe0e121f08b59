"""How fast the machine is, and how much work it can take."""

import sys

from engine.scheduling.step_cost import StepCost

_SMALLEST_CHUNK = 32  # prompt tokens; fewer would take almost as long
_WEIGHT = 0.2  # of the newest step in the moving average
_STATE_SECONDS = 0.064  # of audio that a stream gains in each step
_SHARE = 0.8  # of that audio that a step may take: the rest lets the playback buffers grow
_SHARE_OF_BUFFERED = 1 / 16  # of the buffered seconds that a step may take
_SHARE_FOR_PROMPTS = 1 / 8  # of the buffered seconds that a step's prompts may take
_PROMPT_GUESS = ((16, 0.01), (512, 0.1))  # tokens and seconds, before any prompt was measured


class CapacityModel:
    """Estimates from measured steps how many streams, rows and prompt tokens a step can have; times are in seconds.

    Prompts are read in chunks, so that a burst of new requests does not stall the active streams. While a stream is
    active, a step with prompts takes no longer than the audio that it makes lasts, or than a small share of the
    buffered audio of every stream.
    """

    def __init__(self, cost: StepCost) -> None:
        self.step_seconds = 0.01
        self._cost = cost
        self._prompt_cost = StepCost(_PROMPT_GUESS)

    def observe(self, step_seconds: float, prompt_seconds: float, prompt_tokens: int, rows: int) -> None:
        """Record one step's decode and prefill time, its prompt tokens and its rows."""
        step_seconds = self._cost.credible(step_seconds, rows)
        prompt_seconds = self._prompt_cost.credible(prompt_seconds, prompt_tokens)
        self._cost.observe(rows, step_seconds, prompt_seconds)
        self.step_seconds += _WEIGHT * (step_seconds - self.step_seconds)
        if prompt_tokens:
            self._prompt_cost.observe(prompt_tokens, prompt_seconds, 0.0)

    def prompt_tokens(self, limit: int, least_buffered: float) -> int:
        """Return how many prompt tokens the next step may read, at most `limit`.

        `least_buffered` is the smallest playback buffer of all active streams in seconds; infinity if there are none.
        """
        if least_buffered == float("inf"):
            return limit
        seconds = max(_SHARE * _STATE_SECONDS - self.step_seconds, _SHARE_FOR_PROMPTS * least_buffered)
        tokens = self._prompt_cost.rows(seconds) // _SMALLEST_CHUNK * _SMALLEST_CHUNK
        return min(max(tokens, _SMALLEST_CHUNK), limit)

    def stream_capacity(self) -> int:
        """Return how many streams the machine can serve in real time, at least one."""
        return self._cost.rows(_SHARE * _STATE_SECONDS)

    def rows(self, least_buffered: float) -> int:
        """Return how many sentences the next step may decode without an underrun; `least_buffered` as above.

        Long playback buffers allow longer steps, which do more work in the same time. If every stream has one, the
        buffers settle at about 1 s, where a step takes as long as the audio that it makes.
        """
        if least_buffered == float("inf"):
            return sys.maxsize
        seconds = max(_SHARE * _STATE_SECONDS, _SHARE_OF_BUFFERED * least_buffered)
        return self._cost.rows(seconds)

    def times_real_time(self, rows: int) -> float:
        """Return the seconds of audio that steps with `rows` rows make in one second."""
        return rows * _STATE_SECONDS / self._cost.seconds(rows)
