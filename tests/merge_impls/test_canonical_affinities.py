"""Affinities of any convention are converted to the contract's; checked against loops over pixels."""

import tracemalloc
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merge_impls.canonical_affinities import canonical, canonical_offsets, canonical_stages
from merge_impls.offsets import PAPER_DISTANCES, offsets_at_distances

DTYPES = [np.uint8, np.uint16, np.float16, np.float32, np.float64]


def random_values(rng, shape, dtype):
    """Random affinities. About a third are 0 or 1, so that means reach both limits and need rounding."""
    if np.dtype(dtype).kind == "u":
        one = np.iinfo(dtype).max
        values = rng.integers(0, one + 1, shape, dtype)
    else:
        one = 1
        values = rng.random(shape).astype(dtype)
    extreme = rng.random(shape)
    values[extreme < 0.15] = 0
    values[extreme > 0.85] = one
    return values


@st.composite
def directed_affinities(draw, dtypes=DTYPES):
    """Draw affinities (C, *grid) and their offsets, in any directions; some are longer than the grid."""
    ndim = draw(st.sampled_from([2, 3]))
    shape = draw(st.tuples(*[st.integers(1, 5)] * ndim))
    step = st.tuples(*[st.integers(-3, 3)] * ndim).filter(any)
    offsets = draw(st.lists(step, unique=True, min_size=1, max_size=8))
    also_back = draw(st.lists(st.sampled_from(offsets), max_size=8, unique=True))
    opposites = [tuple(-x for x in offset) for offset in also_back]
    offsets = draw(st.permutations(list(dict.fromkeys(offsets + opposites))))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    values = random_values(rng, (len(offsets), *shape), draw(st.sampled_from(dtypes)))
    return values, np.array(offsets)


def affinities_by_pair(affinities, offsets):
    """For each pair of pixels (p, q), p before q in raster order, the list of its affinities."""
    found = {}
    for channel, offset in enumerate(offsets.tolist()):
        for p in np.ndindex(affinities.shape[1:]):
            q = tuple(x + step for x, step in zip(p, offset, strict=True))
            if all(0 <= x < length for x, length in zip(q, affinities.shape[1:], strict=True)):
                found.setdefault((min(p, q), max(p, q)), []).append(affinities[channel][p])
    return found


def literal_mean(values, boundary):
    """The mean of one or two numpy numbers, rounded as the docstring of ``canonical`` says."""
    if values[0].dtype.kind == "u":
        one = int(np.iinfo(values[0].dtype).max)
        exact = [Fraction(one - int(v) if boundary else int(v), one) * 65535 for v in values]
        return round(sum(exact) / len(exact))
    wide = [np.float32(v) if v.dtype == np.float16 else v for v in values]
    wide = [v.dtype.type(1) - v for v in wide] if boundary else wide
    return wide[0] if len(wide) == 1 else (wide[0] + wide[1]) / wide[0].dtype.type(2)


@settings(max_examples=150, deadline=None)
@given(directed_affinities(), st.booleans())
def test_every_pair_has_the_mean_of_its_given_affinities(directed, boundary):
    affinities, offsets = directed
    got, of = canonical(affinities, offsets, layout="channels_first", boundary=boundary)
    expected = {
        pair: literal_mean(values, boundary)
        for pair, values in affinities_by_pair(affinities, offsets).items()
    }
    assert {pair: value for pair, (value,) in affinities_by_pair(got, of).items()} == expected
    assert of.dtype == np.int64
    assert all(tuple(offset) > (0,) * of.shape[1] for offset in of.tolist())
    fixed = affinities.dtype.kind == "u"
    assert got.dtype == (np.uint16 if fixed else max(affinities.dtype, np.dtype(np.float32)))


@settings(max_examples=50, deadline=None)
@given(directed_affinities())
def test_values_whose_pair_leaves_the_grid_are_ignored_and_become_0(directed):
    affinities, offsets = directed
    spoilt = affinities.copy()
    for channel, offset in enumerate(offsets):
        ends = np.moveaxis(np.indices(affinities.shape[1:]), 0, -1) + offset
        spoilt[channel][((ends < 0) | (ends >= affinities.shape[1:])).any(axis=-1)] = (
            np.nan if affinities.dtype.kind == "f" else 7
        )
    got, of = canonical(spoilt, offsets, layout="channels_first")
    np.testing.assert_array_equal(got, canonical(affinities, offsets, layout="channels_first")[0])
    for values, offset in zip(got, of, strict=True):
        ends = np.moveaxis(np.indices(values.shape), 0, -1) + offset
        assert not values[((ends < 0) | (ends >= values.shape)).any(axis=-1)].any()


@settings(max_examples=50, deadline=None)
@given(directed_affinities())
def test_canonical_of_canonical_affinities_changes_nothing(directed):
    once = canonical(*directed, layout="channels_first")
    again = canonical(*once, layout="channels_first")
    for one, other in zip(once, again, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


@settings(max_examples=50, deadline=None)
@given(directed_affinities(), st.integers(0, 2))
def test_flipping_the_image_and_its_offsets_flips_the_pairs(directed, axis):
    affinities, offsets = directed
    axis %= offsets.shape[1]
    turned = offsets.copy()
    turned[:, axis] *= -1
    mirrored = canonical(np.flip(affinities, 1 + axis), turned, layout="channels_first")
    last = affinities.shape[1 + axis] - 1

    def flip(pixel):
        return (*pixel[:axis], last - pixel[axis], *pixel[axis + 1 :])

    expected = {
        tuple(sorted((flip(p), flip(q)))): values
        for (p, q), values in affinities_by_pair(
            *canonical(*directed, layout="channels_first")
        ).items()
    }
    assert affinities_by_pair(*mirrored) == expected


@settings(max_examples=50, deadline=None)
@given(directed_affinities())
def test_channels_last_and_channels_first_give_the_same(directed):
    affinities, offsets = directed
    for last in (np.moveaxis(affinities, 0, -1), np.moveaxis(affinities, 0, -1).copy()):
        got = canonical(last, offsets, layout="channels_last")
        for one, other in zip(got, canonical(*directed, layout="channels_first"), strict=True):
            np.testing.assert_array_equal(one, other)


@settings(max_examples=50, deadline=None)
@given(directed_affinities(dtypes=[np.uint8, np.uint16]))
def test_boundaries_of_1_minus_the_affinities_are_the_affinities(directed):
    affinities, offsets = directed
    boundaries = np.iinfo(affinities.dtype).max - affinities
    got, _ = canonical(boundaries, offsets, layout="channels_first", boundary=True)
    np.testing.assert_array_equal(got, canonical(*directed, layout="channels_first")[0])


def test_offsets_are_in_the_order_of_their_positive_channels():
    assert canonical_offsets([(-1, 0), (0, 1), (0, -1), (1, 0), (2, -2)]).tolist() == [
        [0, 1],
        [1, 0],
        [2, -2],
    ]
    assert canonical_offsets([(0, -3), (-1, 0), (0, 1)]).tolist() == [[0, 3], [1, 0], [0, 1]]


@pytest.mark.parametrize("ndim", [2, 3])
def test_all_neighbours_at_the_papers_distances_become_the_papers_offsets(ndim):
    steps = [step for step in product((-1, 0, 1), repeat=ndim) if any(step)]
    both = [[distance * x for x in step] for distance in PAPER_DISTANCES for step in steps]
    np.testing.assert_array_equal(canonical_offsets(both), offsets_at_distances(ndim=ndim))


def test_no_copy_of_the_whole_map_is_made():
    for dtype in (np.uint8, np.float32, np.float64):
        affinities = random_values(np.random.default_rng(0), (56, 60, 60), dtype)
        offsets = np.concatenate([offsets_at_distances(), -offsets_at_distances()])
        tracemalloc.start()
        got, _ = canonical(affinities, offsets)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < got.nbytes + 8 * 60 * 60 * 8


def test_the_input_stays_as_it_was():
    affinities = random_values(np.random.default_rng(1), (2, 4, 5), np.float32)
    offsets = np.array([(0, 1), (0, -1)])
    kept = affinities.copy(), offsets.copy()
    for array in (affinities, offsets):
        array.flags.writeable = False
    canonical(affinities, offsets, boundary=True)
    np.testing.assert_array_equal(affinities, kept[0])
    np.testing.assert_array_equal(offsets, kept[1])


def test_the_byte_order_of_affinities_does_not_matter():
    affinities = random_values(np.random.default_rng(2), (1, 4, 5), np.float32)
    got, _ = canonical(affinities.astype(">f4"), [(0, -1)])
    assert got.dtype.isnative
    np.testing.assert_array_equal(got, canonical(affinities, [(0, -1)])[0])


def test_stages_follow_their_offsets():
    offsets = [(-1, 0), (0, 1), (0, -1), (1, 0), (2, -2)]
    stages = canonical_stages([2, 0, 0, 2, 1], offsets, num_stages=3)
    assert stages.dtype == np.int32
    assert stages.tolist() == [0, 2, 1]


HALF = np.full((2, 3, 4), 0.5)
MISTAKES = {
    "repeated offset": (
        (HALF, [(0, -1), (0, -1)]),
        r"offsets\[1\] is \(0, -1\), the same as offsets\[0\]",
    ),
    "zero offset": ((HALF, [(0, 1), (0, 0)]), r"offsets\[1\] is \(0, 0\)"),
    "offsets of one row": ((HALF, [0, 1]), r"offsets must have shape \(C, 2\) or \(C, 3\)"),
    "offsets in 4-D": ((HALF, [(0, 0, 0, 1)] * 2), r"offsets must have shape"),
    "ragged offsets": ((HALF, [(0, 1), (1,)]), "offsets is ragged"),
    "offsets of floats": ((HALF, [(0.0, 1.0), (1.0, 0.0)]), "offsets must be integers"),
    "offset out of reach": ((HALF, [(0, 1), (2**40, 0)]), r"offsets\[1, 0\] .* fit int32"),
    "more offsets than channels": (
        (HALF, [(0, 1), (1, 0), (1, 1)]),
        r"\(2, 3, 4\) .*no axis of 3 channels",
    ),
    "a batch axis": (
        (HALF[None], [(0, 1), (1, 0)]),
        r"affinities must have 3 axes.*\(1, 2, 3, 4\)",
    ),
    "offsets of another dimension": ((HALF, [(0, 0, 1), (0, 1, 0)]), "affinities must have 4 axes"),
    "either layout": (
        (np.full((2, 3, 2), 0.5), [(0, 1), (1, 0)]),
        "first or last; pass layout 'channels_first' or 'channels_last'",
    ),
    "empty grid": ((np.empty((2, 0, 4)), [(0, 1), (1, 0)]), "empty grid"),
    "NaN": ((np.where(np.arange(4) == 2, np.nan, HALF), [(0, 1), (1, 0)]), r"\[0, 0, 2\] is nan"),
    "logits": ((np.where(np.arange(4) == 1, -3, HALF), [(0, 1), (1, 0)]), r"-3.0; .*sigmoid"),
    "0..255 as floats": ((HALF * 255, [(0, 1), (1, 0)]), r"affinities\[0, 0, 0\] is 127.5"),
    "bool": ((HALF > 0, [(0, 1), (1, 0)]), "affinities must be float16.*got bool"),
    "int64": ((HALF.astype(int), [(0, 1), (1, 0)]), "affinities must be float16.*got int64"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_in_one_line(mistake):
    arguments, pattern = MISTAKES[mistake]
    with pytest.raises((ValueError, TypeError), match=pattern) as error:
        canonical(*arguments)
    assert "\n" not in str(error.value)


def test_a_bad_value_is_located_in_the_callers_own_layout():
    affinities = np.full((3, 4, 2), 0.5)
    affinities[2, 1, 1] = 1.5
    with pytest.raises(ValueError, match=r"affinities\[2, 1, 1\] is 1.5"):
        canonical(affinities, [(0, 1), (0, -1)])


def test_an_unknown_layout_and_opposite_stages_are_named_in_one_line():
    with pytest.raises(ValueError, match="layout is 'CHW'; known are 'auto', 'channels_first'"):
        canonical(HALF, [(0, 1), (1, 0)], layout="CHW")
    with pytest.raises(ValueError, match=r"stages\[2\] is 1, but its opposite, stages\[0\], is 0"):
        canonical_stages([0, 0, 1], [(0, 1), (1, 0), (0, -1)], 2)
