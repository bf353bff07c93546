"""Studies of images with approximate backends: AP, time and agreement beside those of the exact backends."""

from dataclasses import replace

import pytest

from bench.pipeline.config import PLAIN
from bench.report.tables.ablation import ablation_table
from bench.report.tables.image_study import speed_accuracy_table
from bench.runner.run_plan import plan_cells
from bench.runner.runner import Runner
from bench.runner.study import Variant

PLUG_IN = "from kruskal import KRUSKAL as merge\n"


@pytest.fixture
def run(run_in, small_study, plug_in, kruskal, tmp_path):
    """A function that runs a study with the backends ``c`` and ``kruskal``; it returns the result."""
    plug_in(kruskal=PLUG_IN)

    def run_study(**changes):
        backends = {"backends": ("c", "kruskal"), "scored_alone": ()}
        return run_in(tmp_path, replace(small_study, **(backends | changes)))

    return run_study


def test_an_approximate_backend_has_ap_time_and_agreement(run):
    strategy = PLAIN.replace(thresholds=(0.85, 0.75), min_pixels=20)
    found = run(linkages=("average", "single"), strategy=strategy).records
    cells = {
        (record.cell.backend, record.cell.linkage): record
        for record in found
        if record.cell.scope == "maps"
    }
    assert {record.state for record in found} == {"done"}
    rough, exact = cells["kruskal", "average"], cells["kruskal", "single"]
    assert rough.computes and rough.scores["ap"] is not None
    assert rough.change.against == "" and rough.identical_to == ""
    assert all(image.seconds and image.adjusted_rand < 1 for image in rough.images)
    assert all(image.merge_bits > 0 == image.split_bits for image in rough.images)
    assert not exact.computes and exact.scores == cells["c", "single"].scores
    assert all(image.identical and image.adjusted_rand is None for image in exact.images)
    table = speed_accuracy_table(found).set_index(["backend", "linkage"])
    assert table["identical"]["kruskal", "average"] == "approximate"
    assert table["ms"]["kruskal", "average"] > 0 and table["identical"]["c", "average"] == "yes"


def test_a_second_run_reads_the_agreement_of_the_first(run):
    first, second = run(linkages=("average",)), run(linkages=("average",))
    assert [record.to_json() for record in first.records] == [
        record.to_json() for record in second.records
    ]


def test_rows_of_an_approximate_backend_are_compared_with_the_exact_rows(run):
    rows = (Variant("plain", PLAIN), Variant("blocks", PLAIN.replace(flm=2)))
    found = run(linkages=("average",), variants=rows).records
    table = ablation_table(found).set_index(["row", "backend"])
    assert table["against"]["blocks", "c"] == "plain"
    assert table["against"]["blocks", "kruskal"] == "blocks"
    assert table["identical"].to_dict() == {
        ("plain", "c"): "yes",
        ("plain", "kruskal"): "approximate",
        ("blocks", "c"): "approximate",
        ("blocks", "kruskal"): "approximate",
    }
    agreement = table["adjusted_rand"]
    assert agreement["blocks", "c"] < 1 and agreement.isna()["plain", "c"]
    assert not table["front"]["blocks", "c"].endswith("exact")


def test_the_plan_has_the_cells_of_a_run(run, monkeypatch, tmp_path):
    measured = []
    monkeypatch.setattr(Runner, "run", lambda runner: measured.append(runner.problems))
    run(linkages=("average",))
    planned = plan_cells(measured[0], tmp_path, fresh=False)
    assert {each.cell.backend for each in planned} == {"c", "kruskal", "networkx"}


def test_approximate_backends_alone_are_compared_with_heap(run):
    found = run(linkages=("average",), backends=("kruskal",)).records
    (rough,) = (record for record in found if record.cell.backend == "kruskal")
    assert rough.state == "done" and all(image.adjusted_rand < 1 for image in rough.images)
