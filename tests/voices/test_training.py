from pathlib import Path

import torch
from torch import Tensor, nn

from voices.training import Course, Figures


class Interrupted(Exception):
    """Somebody pulled the plug."""


def course(directory: Path, said: list[str], interrupted_at: int = -1) -> Course:
    torch.manual_seed(1)
    model = nn.Linear(3, 1)

    def lesson(step: int) -> tuple[Tensor, Figures]:
        if step == interrupted_at:
            raise Interrupted
        loss = (model(torch.randn(8, 3)) - step / 100).square().mean()
        return loss, {"twice": 2 * loss.item()}

    return Course(
        name="line",
        model=model,
        optimiser=torch.optim.AdamW(model.parameters()),
        lesson=lesson,
        learning_rate=0.01,
        steps=100,
        seed=1,
        directory=directory,
        say=said.append,
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
