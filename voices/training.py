"""A course of training: steps with a falling learning rate, kept on disk now and then so that it can be resumed."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from voices.whole_file import written_whole

_WARM_UP = 200  # steps
_FINAL_RATE = 0.02  # of the learning rate
_GRADIENT_NORM = 1.0
_REPORT = 50  # steps between two lines

Figures = Mapping[str, float]


@dataclass
class Course:
    """Trains `model` by `lesson`, which computes the loss of a step and the figures to be told of it.

    A step depends on nothing but its number and the seed: resumed, a course ends as it would have ended anyway.
    """

    name: str
    model: nn.Module
    optimiser: torch.optim.Optimizer
    lesson: Callable[[int], tuple[Tensor, Figures]]
    learning_rate: float
    steps: int
    seed: int
    directory: Path
    say: Callable[[str], None]
    keep_every: float = 300.0  # seconds between two states on disk

    @property
    def finished(self) -> Path:
        """Where the trained weights lie at the end."""
        return self.directory / f"{self.name}.pt"

    @property
    def _unfinished(self) -> Path:
        return self.directory / f"{self.name}.unfinished.pt"

    def run(self) -> None:
        """Train to the end, or read what was trained to the end before."""
        if self.finished.exists():
            self.model.load_state_dict(torch.load(self.finished, weights_only=True))
            return
        first = self._resume()
        begun = kept = time.monotonic()
        figures: list[Figures] = []
        for step in range(first, self.steps):
            figures.append(self._step(step))
            if (step + 1) % _REPORT == 0:
                self._report(step, figures, (time.monotonic() - begun) / (step + 1 - first))
                figures = []
            if time.monotonic() - kept > self.keep_every:
                kept = time.monotonic()
                self._keep(step + 1)
        with written_whole(self.finished) as file:
            torch.save(self.model.state_dict(), file)
        self._unfinished.unlink(missing_ok=True)

    def _step(self, step: int) -> Figures:
        torch.manual_seed(self.seed * 1_000_003 + step)
        for group in self.optimiser.param_groups:
            group["lr"] = self.learning_rate * _schedule(step, self.steps)
        loss, figures = self.lesson(step)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), _GRADIENT_NORM)
        self.optimiser.step()
        return {"loss": loss.item(), **figures}

    def _report(self, step: int, figures: Sequence[Figures], seconds: float) -> None:
        means = {name: sum(each[name] for each in figures) / len(figures) for name in figures[0]}
        told = ", ".join(f"{name} {value:.3f}" for name, value in means.items())
        left = seconds * (self.steps - step - 1) / 60
        self.say(f"{self.name}: step {step + 1} of {self.steps}, {told}; {seconds:.2f} s a step, {left:.0f} min left")

    def _keep(self, step: int) -> None:
        state = {"step": step, "model": self.model.state_dict(), "optimiser": self.optimiser.state_dict()}
        with written_whole(self._unfinished) as file:
            torch.save(state, file)

    def _resume(self) -> int:
        if not self._unfinished.exists():
            return 0
        state = torch.load(self._unfinished, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.say(f"{self.name}: goes on from step {state['step']}")
        return int(state["step"])


def _schedule(step: int, steps: int) -> float:
    """The share of the learning rate: a short rise, then half a cosine down."""
    warm_up = min(_WARM_UP, steps // 10)
    if step < warm_up:
        return (step + 1) / warm_up
    progress = (step - warm_up) / max(1, steps - warm_up)
    return _FINAL_RATE + (1 - _FINAL_RATE) * 0.5 * (1 + math.cos(math.pi * progress))
