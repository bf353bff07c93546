"""``python -m bench report --pictures`` finds the maps of other networks that a run was given."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from bench import cli
from bench.runner import records, study_file
from bench.runner.image_problems import ImageProblems
from bench.runner.runner import Runner

pytestmark = pytest.mark.usefixtures("forked_workers")


@pytest.fixture
def draw_again(pipeline, street, short_study, quick, monkeypatch, tmp_path):
    """A function that runs a study of given maps, calls ``change``, and draws the pictures by the command."""

    def draw(folders, change=lambda: None, *options, edit=lambda record: record):
        problems = ImageProblems(short_study, street, pipeline.with_given_maps(*folders))
        found = Runner(problems, tmp_path / "run").run().records
        records.write(tmp_path / "written" / "records.jsonl", list(map(edit, found)))
        change()
        study = replace(short_study, pictures=2)
        monkeypatch.setattr(study_file, "read_study", lambda *_: study)
        places = {
            "--root": street.root,
            "--model": pipeline.networks.folder,
            "--out": tmp_path / "again",
        }
        given = [str(each) for place in places.items() for each in place]
        command = ["report", str(tmp_path / "written"), "--pictures", *given, *map(str, options)]
        return CliRunner().invoke(cli.main, command)

    return draw


def test_pictures_are_drawn_from_the_maps_that_records_name(write_all_maps, draw_again, tmp_path):
    outcome = draw_again(write_all_maps())
    assert outcome.exit_code == 0, outcome.output
    assert (tmp_path / "again" / "pictures.png").exists()


def test_maps_that_have_moved_are_asked_for_in_one_line(write_all_maps, draw_again, tmp_path):
    folders = write_all_maps()
    moved = tmp_path / "moved" / folders[0].name

    def move():
        moved.parent.mkdir(exist_ok=True)
        folders[0].rename(moved)

    refused = draw_again(folders, move)
    assert refused.exit_code == 2 and refused.stderr.count("\n") == 1
    assert f"{folders[0]} is missing; give --semantic FOLDER" in refused.stderr
    moved.rename(folders[0])
    outcome = draw_again(folders, move, "--semantic", moved, "--affinity", folders[1])
    assert outcome.exit_code == 0, outcome.output


def test_maps_that_records_do_not_name_are_asked_for(write_all_maps, draw_again):
    refused = draw_again(write_all_maps(), edit=lambda record: replace(record, given_maps=None))
    assert refused.exit_code == 2 and refused.stderr.count("\n") == 1
    assert "the records do not name their folders; give --semantic FOLDER" in refused.stderr


def change_affinities(path):
    arrays = dict(np.load(path))
    np.savez(path, **arrays | {"affinities": np.ones_like(arrays["affinities"])})


def test_other_maps_than_those_of_the_records_are_refused(write_all_maps, draw_again, street):
    folders = write_all_maps()
    path = folders[1] / f"{Path(street.names('val')[0]).name}.npz"
    refused = draw_again(folders, lambda: change_affinities(path))
    assert refused.exit_code == 2 and refused.stderr.count("\n") == 1
    assert "but the records are of semantic scores " in refused.stderr
