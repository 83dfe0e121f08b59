"""A course of training: steps with a falling learning rate, kept on disk now and then so that it can be resumed."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

import torch
from torch import Tensor, nn

from voices.atomic_file import written_whole
from voices.training.preparation import Prepared, prepared

_WARM_UP = 200  # steps
_FINAL_RATE = 0.02  # of the learning rate
_GRADIENT_NORM = 1.0
_REPORT = 50  # steps between two lines

Figures = Mapping[str, Tensor]  # single numbers; on the device, which is not waited for until they are told


@dataclass
class Course(Generic[Prepared]):
    """Trains `model` by `lesson`, which computes the loss of a step and the figures to be told of it.

    It is given what `prepare` made for the step, in one of `processes` if there are any. A step depends on nothing but
    its number and the seed: resumed, a course ends as it would have ended anyway.
    """

    name: str
    model: nn.Module
    optimiser: torch.optim.Optimizer
    prepare: Callable[[int], Prepared]
    lesson: Callable[[Prepared], tuple[Tensor, Figures]]
    learning_rate: float
    steps: int
    seed: int
    directory: Path
    say: Callable[[str], None]
    processes: int = 0
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
            self.model.load_state_dict(torch.load(self.finished, map_location="cpu", weights_only=True))
            return
        first = self._resume()
        begun = kept = time.monotonic()
        figures: list[Figures] = []
        steps = range(first, self.steps)
        for step, material in zip(steps, prepared(self.prepare, self.seed, steps, self.processes), strict=True):
            figures.append(self._step(step, material))
            if (step + 1) % _REPORT == 0:
                self._report(step, figures, (time.monotonic() - begun) / (step + 1 - first))
                figures = []
            if time.monotonic() - kept > self.keep_every:
                kept = time.monotonic()
                self._keep(step + 1)
        with written_whole(self.finished) as file:
            torch.save(self.model.state_dict(), file)
        self._unfinished.unlink(missing_ok=True)

    def _step(self, step: int, material: Prepared) -> Figures:
        for group in self.optimiser.param_groups:
            group["lr"] = self.learning_rate * _schedule(step, self.steps)
        loss, figures = self.lesson(material)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), _GRADIENT_NORM)
        self.optimiser.step()
        return {"loss": loss.detach(), **figures}

    def _report(self, step: int, figures: Sequence[Figures], seconds: float) -> None:
        left = seconds * (self.steps - step - 1) / 60
        place = f"{self.name}: step {step + 1} of {self.steps}"
        self.say(f"{place}, {told(figures)}; {seconds:.3f} s a step, {left:.0f} min left")

    def _keep(self, step: int) -> None:
        state = {"step": step, "model": self.model.state_dict(), "optimiser": self.optimiser.state_dict()}
        with written_whole(self._unfinished) as file:
            torch.save(state, file)

    def _resume(self) -> int:
        if not self._unfinished.exists():
            return 0
        state = torch.load(self._unfinished, map_location="cpu", weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.say(f"{self.name}: goes on from step {state['step']}")
        return int(state["step"])


def told(figures: Sequence[Figures]) -> str:
    """The means of several steps' figures, in words."""
    means = {name: torch.stack([each[name] for each in figures]).mean().item() for name in figures[0]}
    return ", ".join(f"{name} {value:.3f}" for name, value in means.items())


def _schedule(step: int, steps: int) -> float:
    """The share of the learning rate: a short rise, then half a cosine down."""
    warm_up = min(_WARM_UP, steps // 10)
    if step < warm_up:
        return (step + 1) / warm_up
    progress = (step - warm_up) / max(1, steps - warm_up)
    return _FINAL_RATE + (1 - _FINAL_RATE) * 0.5 * (1 + math.cos(math.pi * progress))
