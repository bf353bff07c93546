"""``python -m bench steps`` draws the pictures of each photo in a folder of its own."""

from click.testing import CliRunner
from PIL import Image

from bench import cli, paths


def test_the_pictures_of_two_photos_do_not_replace_one_another(monkeypatch, street, tmp_path):
    monkeypatch.setattr(paths, "RUNS", tmp_path / "runs")
    image = Image.fromarray(street.image("val", street.names("val")[0])[:64, :96])
    options = ["--model", "scenes", "--cache", str(tmp_path / "cache")]
    for name in ("one", "two"):
        image.save(tmp_path / f"{name}.png")
        outcome = CliRunner().invoke(cli.main, ["steps", str(tmp_path / f"{name}.png"), *options])
        assert outcome.exit_code == 0, outcome.output
    overviews = sorted((tmp_path / "runs" / "steps").glob("*/method.png"))
    assert [path.parent.name for path in overviews] == ["one", "two"]
