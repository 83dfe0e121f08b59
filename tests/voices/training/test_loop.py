from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from voices.training.loop import Course, Figures


class Interrupted(Exception):
    """Somebody pulled the plug."""


def course(directory: Path, said: list[str], interrupted_at: int = -1, processes: int = 0) -> Course[Tensor]:
    torch.manual_seed(1)
    model = nn.Linear(3, 1)

    def prepare(step: int) -> Tensor:
        if step == interrupted_at:
            raise Interrupted
        return torch.cat((torch.randn(8, 3), torch.full((8, 1), step / 100)), dim=1)

    def lesson(batch: Tensor) -> tuple[Tensor, Figures]:
        loss = (model(batch[:, :3]) - batch[:, 3:]).square().mean()
        return loss, {"twice": 2 * loss.detach()}

    return Course(
        name="line",
        model=model,
        optimiser=torch.optim.AdamW(model.parameters()),
        prepare=prepare,
        lesson=lesson,
        learning_rate=0.01,
        steps=100,
        seed=1,
        directory=directory,
        say=said.append,
        processes=processes,
        keep_every=0.0,
    )


def test_an_interrupted_course_ends_as_it_would_have_ended(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    course(whole, []).run()
    try:
        course(broken, [], interrupted_at=61).run()
    except Interrupted:
        said: list[str] = []
        resumed = course(broken, said)
        resumed.run()
    assert said[0] == "line: goes on from step 61"
    wanted = torch.load(whole / "line.pt", weights_only=True)
    assert all(torch.equal(tensor, wanted[name]) for name, tensor in resumed.model.state_dict().items())
    assert [file.name for file in broken.iterdir()] == ["line.pt"]


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_it_does_not_matter_who_prepares_the_steps(tmp_path: Path) -> None:
    alone, helped = tmp_path / "alone", tmp_path / "helped"
    alone.mkdir()
    helped.mkdir()
    course(alone, []).run()
    course(helped, [], processes=2).run()
    wanted, got = (torch.load(each / "line.pt", weights_only=True) for each in (alone, helped))
    assert all(torch.equal(tensor, wanted[name]) for name, tensor in got.items())


def test_a_finished_course_is_not_taken_again(tmp_path: Path) -> None:
    first = course(tmp_path, [])
    first.run()
    again = course(tmp_path, [], interrupted_at=0)
    again.run()
    assert torch.equal(first.model.weight, again.model.weight)  # type: ignore[arg-type]


def test_it_tells_how_it_goes(tmp_path: Path) -> None:
    said: list[str] = []
    course(tmp_path, said).run()
    assert len(said) == 2
    assert said[0].startswith("line: step 50 of 100, loss ")
    assert "twice" in said[0]
    assert said[1].endswith("0 min left")
