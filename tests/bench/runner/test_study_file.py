"""Studies are read from TOML files. Invalid studies are refused with a message of one line."""

from dataclasses import replace

import pytest

from bench import paths
from bench.datasets.cityscapes import Cityscapes
from bench.methods.all_methods import find_method
from bench.runner.study_file import StudyError, find_variant, read_study
from bench.training.recipe import read_recipe, recipe_path
from merge_impls import backends, fields
from merge_impls.argument_checks import LINKAGES

GOOD = """
dataset = "scenes"
split = "val"
model = "scenes"
linkages = ["average"]
backends = ["c", "numba"]
reference = "networkx"
crop = [32, 48]
rounds = 1
scored_alone = ["truth"]
pictures = 0
"""
GOOD_SPEED = """
noises = ["mild"]
linkages = ["average"]
size = [16, 32]
sizes = [[16, 32], [64, 128], [32, 64]]
reference = "heap"
backends = ["c"]
threads = [1]
scaled = ["c"]
third_party = []
families = ["star"]
edges = [50, 100]
edges_of_all = 100
rounds = 1
"""
GOAL = """
[[goals]]
words = "smaller"
measure = "memory"
of = { backend = "c" }
must = 3
aim = 1
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    """A function that writes a study called "own" into a folder of studies."""
    monkeypatch.setattr(paths, "STUDIES", tmp_path)
    return (tmp_path / "own.toml").write_text


@pytest.mark.parametrize("name", paths.study_names())
def test_every_study_names_existing_backends_and_methods(name):
    study = read_study(name)
    assert set(study.linkages) <= set(LINKAGES)
    assert {*study.backends, study.reference} <= backends().keys()
    if study.is_of_fields:
        assert all(find_method(name).version for name in study.third_party)
        assert set(study.fields.noises) <= set(fields.NOISE)
    else:
        assert all(find_method(name).find_instances for name in study.scored_alone)
        assert study.map_reference in {*study.backends, None}


@pytest.mark.parametrize("table", ["table2", "table3"])
def test_cityscapes_has_the_rows_of_scenes_at_twice_the_strides(table):
    """They have all images, and the thresholds of the model."""
    scenes, cityscapes = read_study(table), read_study(f"paper-{table}")
    assert (cityscapes.images.dataset, cityscapes.images.limit) == ("cityscapes", None)
    names = [[row.name for row in study.variants] for study in (scenes, cityscapes)]
    for rows in zip(scenes.variants, cityscapes.variants, strict=True):
        of_scenes, own = (row.strategy for row in rows)
        expected = of_scenes.replace(
            semantic_stride=2 * of_scenes.semantic_stride,
            affinity_stride=2 * of_scenes.affinity_stride,
            thresholds=None,
            min_pixels=None,
        )
        assert own == expected.for_dataset(Cityscapes.preset)
        assert rows[0].paper == rows[1].paper
        compared = {
            row.against and known.index(row.against) for row, known in zip(rows, names, strict=True)
        }
        assert len(compared) == 1


@pytest.mark.parametrize(
    ("found", "put", "words"),
    [
        ("rounds = 1", "", "'rounds' is a required property"),
        ("rounds", "colour = 1\nrounds", "'colour' was unexpected"),
        (
            "scored_alone",
            "baselines",
            "'baselines' was unexpected.; it is now called 'scored_alone'",
        ),
        ("rounds = 1", "rounds = -1", "rounds: -1 is less than the minimum"),
        ('["c", "numba"]', "[]", "backends: .* should be non-empty"),
        ('["c", "numba"]', '["c", "c"]', "backends: .* has non-unique elements"),
        ('["c", "numba"]', '"c"', "backends: 'c' is not of type 'array'"),
        ('["c", "numba"]', '["networkx"]', "reference 'networkx' is one of the backends too"),
        (
            "rounds",
            'map_reference = "heap"\nrounds',
            "map_reference 'heap' is none of the backends",
        ),
        ("rounds", 'baseline = "heap"\nrounds', "baseline 'heap' is none .* write --baseline heap"),
        ('["average"]', '["median"]', r"linkages\[0\]: 'median' is not one of \['average', "),
        ('"val"', "val", "not TOML"),
        ('["truth"]', '["c"]', "scored_alone: 'c' finds no instances in images: components, "),
        (
            "pictures = 0",
            'pictures = 0\n[[rows]]\nname = "a"\npeer = "b"',
            r"rows\[0\]: .*'peer' was unexpected.; it is now called 'third_party'",
        ),
    ],
)
def test_an_impossible_study_is_refused_in_one_line_with_its_file(
    write, tmp_path, found, put, words
):
    assert found in GOOD
    write(GOOD.replace(found, put, 1))
    with pytest.raises(StudyError, match=words) as error:
        read_study("own")
    assert str(tmp_path / "own.toml") in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("found", "put", "words"),
    [
        ("size = [16, 32]", "size = [32, 32]", r"size \[32, 32\] is none of the sizes"),
        ('scaled = ["c"]', 'scaled = ["numba"]', "scaled: 'numba' is none of the backends"),
        ("edges = [50, 100]", "edges = [50]", "edges_of_all 100 is none of the edges"),
        ('families = ["star"]', 'families = ["sun"]', "families: 'sun' is unknown: street-mild, "),
        ("edges_of_all = 100", "", "'edges_of_all' is a dependency of 'families'"),
        ('reference = "heap"', 'reference = "c"', "reference 'c' is one of the backends too"),
        (
            "rounds = 1",
            'rounds = 1\nbaseline = "d"',
            "'d' is none of the timed methods heap, c; add",
        ),
        (
            'reference = "heap"',
            'baseline = "c"',
            "baseline names the method that times are divided",
        ),
        ('noises = ["mild"]', 'noises = ["loud"]', r"noises\[0\]: 'loud' is not one of"),
        ("sizes = [[16, 32],", "sizes = [[16, 4],", r"sizes\[0\]\[1\]: 4 is less than the minimum"),
        ("rounds = 1", 'rounds = 1\nmodel = "scenes"', "'model' was unexpected"),
        (
            "rounds = 1\n",
            "rounds = 1\n" + GOAL.replace('"c"', '"d"'),
            "'smaller': 'd' is not in the study",
        ),
        (
            "rounds = 1\n",
            "rounds = 1\n" + GOAL.replace("memory", "time"),
            "'by' is a required property",
        ),
        ("rounds = 1\n", "rounds = 1\n" + GOAL.replace("memory", "size"), "'size' is not one of"),
        (
            "third_party = []",
            "peers = []",
            "'peers' was unexpected.; it is now called 'third_party'",
        ),
    ],
)
def test_an_impossible_study_of_fields_is_refused_in_one_line(write, found, put, words):
    assert found in GOOD_SPEED
    write(GOOD_SPEED.replace(found, put, 1))
    with pytest.raises(StudyError, match=words) as error:
        read_study("own")
    assert "\n" not in str(error.value)


def test_a_goal_says_what_is_measured_and_which_figures_are_good(write):
    write(GOOD_SPEED + GOAL)
    (goal,) = read_study("own").goals
    assert (goal.words, goal.measure, goal.must, goal.aim) == ("smaller", "memory", 3, 1)
    assert vars(goal.of) == {"backend": "c", "linkage": "average", "threads": 1}
    assert not goal.is_larger_better and replace(goal, aim=4).is_larger_better


def test_a_limit_keeps_the_smallest_sizes_and_all_merge_the_largest_kept(write):
    write(GOOD_SPEED)
    own = read_study("own").fields
    assert own.with_smallest_sizes(None).sizes == ((16, 32), (32, 64), (64, 128))
    assert own.with_smallest_sizes(2).sizes == ((16, 32), (32, 64)) and own.with_smallest_sizes(
        2
    ).size == (16, 32)
    assert replace(own, size=(64, 128)).with_smallest_sizes(2).size == (32, 64)


def test_an_unknown_study_is_refused_with_the_names_of_all(write):
    write(GOOD)
    assert read_study("own").backends == ("c", "numba")
    with pytest.raises(StudyError, match="no study 'other': the closest is 'own'; there are 'own'"):
        read_study("other")


@pytest.mark.parametrize(
    ("study", "papers"),
    [
        ("table2", [18.9, 22.8, 28.7, 29.2, 27.5, 30.7]),
        ("table3", [30.7, 31.2, 31.2, 32.1, 32.8, 32.6, 33.5, 34.1]),
    ],
)
def test_the_papers_tables_are_studies_row_by_row(study, papers):
    assert [row.paper for row in read_study(study).variants] == papers


def test_table_3_starts_where_table_2_ends():
    last, first = read_study("table2").variants[-1], read_study("table3").variants[0]
    assert last.strategy.differences_from(first.strategy).keys() <= {"thresholds", "min_pixels"}


def test_a_variant_is_found_by_name_or_the_names_are_listed():
    assert find_variant("table2", "PAR, RR").strategy.rr
    with pytest.raises(StudyError, match="table2 has no row 'RR': there are 'bare', 'PAR', "):
        find_variant("table2", "RR")
    with pytest.raises(StudyError, match="default has no row 'x': there are none"):
        find_variant("default", "x")


@pytest.mark.parametrize(
    ("dataset", "numbers"), [("cityscapes", (32, 16, 513)), ("scenes", (8, 16, 256))]
)
@pytest.mark.parametrize("study", ["table2", "table3"])
def test_the_tables_take_the_numbers_of_the_data_set(study, dataset, numbers):
    """On Cityscapes the height is that of the crops of the paper's recipes (4.3)."""
    assert read_recipe(recipe_path("paper-resnet101")).affinity.crop == 513
    for variant in read_study(study, dataset).all_variants:
        strategy = variant.strategy
        assert (strategy.block, strategy.extension, strategy.roi_height) == numbers
