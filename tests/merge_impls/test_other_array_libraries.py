"""Affinities as tensors of PyTorch, and as bfloat16, give the problem of the equal float32 array."""

import numpy as np
import pytest

from merge_impls import MergeProblem, canonical

torch = pytest.importorskip("torch", reason="tensors of PyTorch are affinities too")

OFFSETS = [(0, 1), (1, 0)]
VALUES = torch.rand((2, 5, 6), generator=torch.Generator().manual_seed(0))

TENSORS = {
    "plain": VALUES,
    "with gradients": VALUES.clone().requires_grad_(),
    "bfloat16": VALUES.bfloat16(),
    "bfloat16 with gradients": VALUES.bfloat16().requires_grad_(),
}


@pytest.mark.parametrize("tensor", TENSORS.values(), ids=TENSORS)
def test_a_tensor_gives_the_problem_of_its_float32_values(tensor):
    values = tensor.detach().float().numpy()
    found = MergeProblem.from_grid(tensor, OFFSETS, [0, 0], [0.5])
    expected = MergeProblem.from_grid(values, OFFSETS, [0, 0], [0.5])
    np.testing.assert_array_equal(found.affinities, expected.affinities)
    undirected, offsets = canonical(tensor, [(0, 1), (-1, 0)])
    expected_values, expected_offsets = canonical(values, [(0, 1), (-1, 0)])
    np.testing.assert_array_equal(undirected, expected_values)
    np.testing.assert_array_equal(offsets, expected_offsets)


@pytest.mark.parametrize("tensor", TENSORS.values(), ids=TENSORS)
def test_a_tensor_gives_the_affinities_of_explicit_edges(tensor):
    edges = torch.tensor([[0, 1], [1, 2]])
    found = MergeProblem.from_edges(3, edges, tensor[0, 0, :2], [0, 0], [0.5])
    values = tensor.detach().float().numpy()[0, 0, :2]
    expected = MergeProblem.from_edges(3, edges.numpy(), values, [0, 0], [0.5])
    np.testing.assert_array_equal(found.affinities, expected.affinities)


def test_bfloat16_of_numpy_becomes_float32():
    ml_dtypes = pytest.importorskip("ml_dtypes", reason="ml_dtypes gives numpy the dtype bfloat16")
    values = VALUES.numpy().astype(ml_dtypes.bfloat16)
    found = MergeProblem.from_grid(values, OFFSETS, [0, 0], [0.5])
    expected = MergeProblem.from_grid(values.astype(np.float32), OFFSETS, [0, 0], [0.5])
    np.testing.assert_array_equal(found.affinities, expected.affinities)
