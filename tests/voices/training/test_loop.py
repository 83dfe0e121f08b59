from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from voices.training.loop import Metrics, TrainingRun


class Interrupted(Exception):
    """Stands for a power cut."""


def training_run(directory: Path, said: list[str], interrupted_at: int = -1, processes: int = 0) -> TrainingRun[Tensor]:
    torch.manual_seed(1)
    model = nn.Linear(3, 1)

    def prepare(step: int) -> Tensor:
        if step == interrupted_at:
            raise Interrupted
        return torch.cat((torch.randn(8, 3), torch.full((8, 1), step / 100)), dim=1)

    def compute_loss(batch: Tensor) -> tuple[Tensor, Metrics]:
        loss = (model(batch[:, :3]) - batch[:, 3:]).square().mean()
        return loss, {"twice": 2 * loss.detach()}

    return TrainingRun(
        name="line",
        model=model,
        optimisers=[torch.optim.Muon([model.weight]), torch.optim.AdamW([model.bias])],
        prepare=prepare,
        compute_loss=compute_loss,
        learning_rate=0.01,
        steps=100,
        seed=1,
        directory=directory,
        say=said.append,
        processes=processes,
        keep_every=0.0,
    )


def test_an_interrupted_run_ends_with_the_same_weights(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    training_run(whole, []).run()
    try:
        training_run(broken, [], interrupted_at=61).run()
    except Interrupted:
        said: list[str] = []
        resumed = training_run(broken, said)
        resumed.run()
    assert said[0] == "line: continues from step 61"
    wanted = torch.load(whole / "line.pt", weights_only=True)
    assert all(torch.equal(tensor, wanted[name]) for name, tensor in resumed.model.state_dict().items())
    assert [file.name for file in broken.iterdir()] == ["line.pt"]


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_the_number_of_processes_that_prepare_steps_does_not_matter(tmp_path: Path) -> None:
    alone, helped = tmp_path / "alone", tmp_path / "helped"
    alone.mkdir()
    helped.mkdir()
    training_run(alone, []).run()
    training_run(helped, [], processes=2).run()
    wanted, got = (torch.load(each / "line.pt", weights_only=True) for each in (alone, helped))
    assert all(torch.equal(tensor, wanted[name]) for name, tensor in got.items())


def test_a_finished_run_is_not_repeated(tmp_path: Path) -> None:
    first = training_run(tmp_path, [])
    first.run()
    again = training_run(tmp_path, [], interrupted_at=0)
    again.run()
    assert torch.equal(first.model.weight, again.model.weight)  # type: ignore[arg-type]


def test_it_reports_its_progress(tmp_path: Path) -> None:
    said: list[str] = []
    training_run(tmp_path, said).run()
    assert len(said) == 2
    assert said[0].startswith("line: step 50 of 100, loss ")
    assert "twice" in said[0]
    assert said[1].endswith("0 min left")
