"""RMSNorm equals its formula on every available device."""

import pytest
import torch

from engine.model.rms_norm import RmsNorm

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=needs_gpu)])
@pytest.mark.parametrize("weight_shape", [(64,), (3, 64)])
def test_it_is_the_formula(device: str, weight_shape: tuple[int, ...]) -> None:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(5, 3, 64, generator=generator)
    weight = torch.randn(weight_shape, generator=generator)
    normed = RmsNorm(1e-2, torch.device(device))(x.to(device), weight.to(device)).cpu()
    expected = x.double() / (x.double().square().mean(dim=-1, keepdim=True) + 1e-2).sqrt() * weight
    torch.testing.assert_close(normed.double(), expected, rtol=1e-5, atol=1e-6)
