"""The packed layer computes the same product as the plain one."""

import pytest
import torch

from engine.model.linear import Linear


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("rows", [0, 1, 3, 64])
def test_it_is_the_product(rows: int, dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(rows)
    weight = torch.randn(50, 37, generator=generator).to(dtype)
    bias = torch.randn(50, generator=generator).to(dtype)
    x = torch.randn(2, rows, 37, generator=generator).to(dtype)
    linear = Linear(weight, bias)
    product = linear(x)
    assert product.dtype == dtype
    expected = x.double() @ weight.double().T + bias.double()
    assert torch.allclose(product.double(), expected, rtol=1e-5 if dtype == torch.float32 else 1e-2, atol=1e-2)
    assert linear.parameters == 50 * 38


def test_it_rounds_its_input_to_its_own_precision() -> None:
    linear = Linear(torch.eye(4, dtype=torch.bfloat16))
    assert linear(torch.full((1, 4), 1.001)).tolist() == [[1.0] * 4]
