"""Kernels, run by Triton's interpreter, give what they stand for."""

import pytest
import torch

from perf.kernel_cases import SMALL, Case, cases

TOLERANCE = 2e-6
CASES = list(cases(SMALL, torch.float32))


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_kernel_gives_what_it_stands_for(case: Case) -> None:
    assert case.error() <= TOLERANCE
