from pathlib import Path

from safetensors import safe_open

from engine.checkpoint.files import LANGUAGE_MODEL
from perf.experiments.engine_steps import language_model_matrices


def test_they_are_the_projections_of_the_checkpoint(tiny_checkpoint: Path) -> None:
    with safe_open(tiny_checkpoint / LANGUAGE_MODEL, framework="pt") as tensors:
        sizes = {name: tensors.get_tensor(name).numel() for name in tensors.keys()}  # noqa: SIM118 - not a mapping
    projections = sum(size for name, size in sizes.items() if "proj" in name or name.startswith("lm_head"))
    assert sum(matrix.parameters for matrix in language_model_matrices(tiny_checkpoint)) == projections
