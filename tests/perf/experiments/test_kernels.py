"""The kernels compile for every architecture, and take no more than there is."""

import pytest
from typer.testing import CliRunner

from perf.__main__ import app
from perf.kernel_measurements import KernelResults
from perf.report.results import read

PRODUCTS = {"decode_attention", "prefill_attention"}
"""Kernels with matrix products."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> KernelResults:
    folder = tmp_path_factory.mktemp("results")
    result = CliRunner().invoke(app, ["kernels", "--quick", "--results", str(folder)])
    assert result.exit_code == 0, result.output
    return read(folder / "quick/kernels.json", KernelResults, "make bench-kernels")


def test_nothing_is_spilled_on_any_architecture(results: KernelResults) -> None:
    assert {machine.architecture for machine in results.compiled} == {80, 90, 120}
    assert {machine.dtype for machine in results.compiled} == {"bfloat16", "float32"}
    assert [machine for machine in results.compiled if machine.spilled] == []


def test_products_use_tensor_cores(results: KernelResults) -> None:
    reduced = [machine for machine in results.compiled if machine.dtype == "bfloat16"]
    assert {machine.kernel for machine in reduced if machine.tensor_instructions} == PRODUCTS


def test_a_gpu_launches_less(results: KernelResults) -> None:
    for count in results.operators:
        assert count.with_kernels <= count.without_kernels
    assert all(error.error <= 1e-5 for error in results.errors)
