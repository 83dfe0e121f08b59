"""A training run: steps with a falling learning rate.

The state is saved every few minutes, so that an interrupted run can be resumed.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Generic, Self

import torch
from torch import Tensor, nn

from voices.atomic_file import atomic_write
from voices.training.preparation import Prepared, prepared

_WARM_UP = 200  # steps
_FINAL_RATE = 0.02  # of the learning rate
_GRADIENT_NORM = 1.0
_REPORT = 50  # steps between two progress messages

Metrics = Mapping[str, Tensor]  # scalars on the device; reading them waits for the device


@dataclass(frozen=True)
class Tensors:
    """The tensors of a batch."""

    def to(self, device: torch.device) -> Self:
        """The same on another device."""
        return type(self)(*(getattr(self, field.name).to(device) for field in fields(self)))


@dataclass(frozen=True)
class Losses:
    """The loss of a batch, and the metrics to report."""

    total: Tensor
    metrics: Metrics


@dataclass
class TrainingRun(Generic[Prepared]):
    """Trains `model` with `compute_loss`, which returns the loss and the metrics of a step.

    Its argument is the result of `prepare` for the step, computed in one of `processes` processes, or in this one
    if that is 0. A step depends only on its number and the seed, so a resumed run ends with the same weights.
    """

    name: str
    model: nn.Module
    optimisers: Sequence[torch.optim.Optimizer]  # each weight has one
    prepare: Callable[[int], Prepared]
    compute_loss: Callable[[Prepared], tuple[Tensor, Metrics]]
    learning_rate: float
    steps: int
    seed: int
    directory: Path
    say: Callable[[str], None]
    processes: int = 0
    keep_every: float = 300.0  # seconds between two saved states

    @property
    def finished(self) -> Path:
        """The file of the trained weights."""
        return self.directory / f"{self.name}.pt"

    @property
    def _unfinished(self) -> Path:
        return self.directory / f"{self.name}.unfinished.pt"

    def run(self) -> None:
        """Train to the end, or load the weights of a finished run."""
        if self.finished.exists():
            self.model.load_state_dict(torch.load(self.finished, map_location="cpu", weights_only=True))
            return
        first = self._resume()
        start = kept = time.monotonic()
        metrics: list[Metrics] = []
        steps = range(first, self.steps)
        for step, prepared_step in zip(steps, prepared(self.prepare, self.seed, steps, self.processes), strict=True):
            metrics.append(self._step(step, prepared_step))
            if (step + 1) % _REPORT == 0:
                self._report(step, metrics, (time.monotonic() - start) / (step + 1 - first))
                metrics = []
            if time.monotonic() - kept > self.keep_every:
                kept = time.monotonic()
                self._keep(step + 1)
        with atomic_write(self.finished) as file:
            torch.save(self.model.state_dict(), file)
        self._unfinished.unlink(missing_ok=True)

    def _step(self, step: int, prepared_step: Prepared) -> Metrics:
        loss, metrics = self.compute_loss(prepared_step)
        self.model.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), _GRADIENT_NORM)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = self.learning_rate * _schedule(step, self.steps)
            optimiser.step()
        return {"loss": loss.detach(), **metrics}

    def _report(self, step: int, metrics: Sequence[Metrics], seconds: float) -> None:
        left = seconds * (self.steps - step - 1) / 60
        place = f"{self.name}: step {step + 1} of {self.steps}"
        self.say(f"{place}, {format_metrics(metrics)}; {seconds:.3f} s a step, {left:.0f} min left")

    def _keep(self, step: int) -> None:
        optimisers = [optimiser.state_dict() for optimiser in self.optimisers]
        state = {"step": step, "model": self.model.state_dict(), "optimisers": optimisers}
        with atomic_write(self._unfinished) as file:
            torch.save(state, file)

    def _resume(self) -> int:
        if not self._unfinished.exists():
            return 0
        state = torch.load(self._unfinished, map_location="cpu", weights_only=True)
        self.model.load_state_dict(state["model"])
        for optimiser, of_optimiser in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(of_optimiser)
        self.say(f"{self.name}: continues from step {state['step']}")
        return int(state["step"])


def format_metrics(metrics: Sequence[Metrics]) -> str:
    """The means of the metrics of several steps, as text."""
    means = {name: torch.stack([each[name] for each in metrics]).mean().item() for name in metrics[0]}
    return ", ".join(f"{name} {value:.3f}" for name, value in means.items())


def _schedule(step: int, steps: int) -> float:
    """The factor of the learning rate: a short linear rise, then half a cosine down."""
    warm_up = min(_WARM_UP, steps // 10)
    if step < warm_up:
        return (step + 1) / warm_up
    progress = (step - warm_up) / max(1, steps - warm_up)
    return _FINAL_RATE + (1 - _FINAL_RATE) * 0.5 * (1 + math.cos(math.pi * progress))
