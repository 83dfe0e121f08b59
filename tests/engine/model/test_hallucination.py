"""The incremental guard decides like upstream's detector."""

import torch
from soprano.tts import SopranoTTS

from engine.model.hallucination import LONGEST_RUN, run_of_similar


def guard_hits(states: torch.Tensor) -> int | None:
    """Return the number of states after which the guard stops the sentence."""
    run = torch.zeros(1, dtype=torch.int64)
    for index in range(1, len(states)):
        run = run_of_similar(run, (states[index] - states[index - 1]).abs().sum()[None])
        if run.item() > LONGEST_RUN:
            return index + 1
    return None


def upstream_hits(states: torch.Tensor) -> int | None:
    """Return the shortest prefix that upstream calls a hallucination."""
    detector = SopranoTTS.hallucination_detector
    return next((n for n in range(1, len(states) + 1) if detector(None, states[:n])), None)


def test_it_stops_at_upstreams_prefix() -> None:
    generator = torch.Generator().manual_seed(0)
    hits = []
    for _ in range(20):
        speeds = torch.rand(60, 1, generator=generator) < 0.2  # mostly steps under the threshold
        steps = torch.where(speeds, 2.0, 0.3) * torch.randn(60, 512, generator=generator)
        states = steps.cumsum(0)
        hits.append(guard_hits(states))
        assert hits[-1] == upstream_hits(states)
    assert any(hits)


def test_lively_states_pass() -> None:
    states = torch.randn(200, 512, generator=torch.Generator().manual_seed(1))
    assert guard_hits(states) is None
    assert upstream_hits(states) is None
