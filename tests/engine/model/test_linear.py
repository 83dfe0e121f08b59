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


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_what_follows_the_product_may_be_part_of_it(dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(0)
    weight, bias = torch.randn(50, 37, generator=generator).to(dtype), torch.randn(50, generator=generator).to(dtype)
    x, residual = (
        torch.randn(3, 5, 37, generator=generator).to(dtype),
        torch.randn(3, 5, 50, generator=generator).to(dtype),
    )
    linear = Linear(weight, bias)
    product = x.double() @ weight.double().T + bias.double()
    tolerance = 1e-5 if dtype == torch.float32 else 1e-2
    gelu = torch.nn.functional.gelu(product)
    assert torch.allclose(linear.gelu(x).double(), gelu, rtol=tolerance, atol=4 * tolerance)
    total = residual.double() + product
    assert torch.allclose(linear.added_to(residual, x).double(), total, rtol=tolerance, atol=4 * tolerance)
