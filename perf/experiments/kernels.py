"""The engine's kernels, as far as they can be examined without a GPU."""

import os
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from engine.checkpoint.synthetic import write_synthetic
from measuring.command import say
from measuring.worker import SeparateProcess
from perf.command import RESULTS, QuickOption, ResultsOption, end, experiment
from perf.kernel_measurements import InterpreterError, KernelResults, Machine, OperatorCount
from perf.report import tables
from perf.report.results import save

_ARCHITECTURES = (80, 90, 120)


def compiled(architectures: tuple[int, ...]) -> list[Machine]:
    """Compile all kernels. Must be called in a process of its own."""
    os.environ.pop("TRITON_INTERPRET", None)  # read when Triton is imported
    from perf.kernel_compilation import compile_all

    return compile_all(architectures)


def interpreted() -> list[InterpreterError]:
    """Compare all kernels with what they stand for. Must be called in a process of its own."""
    os.environ["TRITON_INTERPRET"] = "1"
    from perf.kernel_cases import interpreter_errors

    return interpreter_errors()


def counted(checkpoint: Path) -> list[OperatorCount]:
    """Count operators. Must be called in a process of its own: it changes how norms are computed."""
    from perf.operator_count import count_operators

    return count_operators(checkpoint)


def main(
    quick: QuickOption = False,
    architecture: Annotated[list[int], typer.Option(help="80, 90, 120; may be given several times.")] = [  # noqa: B006
        *_ARCHITECTURES
    ],
    results: ResultsOption = RESULTS,
) -> None:
    """Count what a step launches, compare the kernels with what they stand for, and compile them for three GPUs."""
    measured = KernelResults(version("triton"))
    with experiment(), tempfile.TemporaryDirectory() as directory:
        checkpoint = Path(directory) / "synthetic"
        write_synthetic(checkpoint, "tiny" if quick else "full")
        say("operators")
        with SeparateProcess("operators") as process:
            measured.operators = process.run(counted, checkpoint)
        say("interpreter")
        with SeparateProcess("interpreter") as process:
            measured.errors = process.run(interpreted)
        say("compiler")
        with SeparateProcess("compiler") as process:
            measured.compiled = process.run(compiled, tuple(architecture))
        file = save(results / ("quick/kernels.json" if quick else "kernels.json"), measured)
    for table in _tables(measured):
        typer.echo(table)
    end([file])


def _tables(results: KernelResults) -> Iterator[str]:
    counts = [(each.call, str(each.without_kernels), str(each.with_kernels)) for each in results.operators]
    yield tables.titled_table("What a GPU launches", ("call", ">without kernels", ">with kernels"), counts)
    errors = [(each.kernel, f"{each.error:.1e}") for each in results.errors]
    yield tables.titled_table("Largest difference in float32", ("kernel", ">error"), errors)
    compiled = [
        (
            *(each.kernel, each.dtype, f"sm_{each.architecture}", str(each.registers), str(each.shared)),
            *(str(each.spilled), str(each.tensor_instructions), str(each.instructions)),
        )
        for each in results.compiled
    ]
    headings = ("kernel", "weights", "for", ">registers", ">shared", ">spilled", ">MMA", ">instructions")
    yield tables.titled_table("Compiled", headings, compiled)
