"""A recipe with an unknown key, a missing key or a wrong value is refused in one line when it is read."""

import pytest

from bench.training.recipe import RECIPES_FOLDER, read_recipe

WRONG = {
    "unknown key": ("crop = 256", "crop = 256\nstrech = true", "'strech'.*closest is 'stretch'"),
    "unknown key of a table": (
        "warmup = 300",
        "warmpu = 50",
        "semantic: .*'warmpu'.*closest is 'warmup'",
    ),
    "unknown key of a network": (
        "stem_width",
        "stem_widht",
        "semantic.network: .*'stem_widht'.*closest is 'stem_width'",
    ),
    "unknown key of a phase": (
        "{ steps = 5250, output_stride = 8 }",
        "{ step = 5250, output_stride = 8 }",
        r"semantic.phases\[0\]: .*'step'.*closest is 'steps'",
    ),
    "missing key": ("seed = 2018", "", "'seed' is a required property"),
    "missing key of a table": ("warmup = 300", "", r"\[semantic\]: warmup is missing; add it"),
    "missing table": ("[affinity.network]", "[semantic.networks]", "semantic: .*'networks'"),
    "scales in the wrong order": (
        "scales = [0.8, 4.0]",
        "scales = [3.0, 1.0]",
        r"\[semantic\]: scales is \[3.0, 1.0\]; write the smallest factor first",
    ),
    "scale of 0": ("scales = [0.8,", "scales = [0,", r"semantic.scales\[0\]: 0 is less than"),
    "number that is not finite": (
        "balance = [0.5, 0.3, 0.2]",
        "balance = [0.5, nan, 0.2]",
        r"affinity.balance\[1\]: nan is not a finite number",
    ),
    "balance of the wrong length": (
        "balance = [0.5, 0.3, 0.2]",
        "balance = [0.5, 0.3]",
        r"\[affinity\]: balance is \[0.5, 0.3\]; .* three numbers",
    ),
    "balance of the affinity network in the other": (
        "balance = [0.5] ",
        "balance = [0.5, 0.3, 0.2] ",
        r"\[semantic\]: balance .* one number",
    ),
    "batch of 0": ("batch = 32", "batch = 0", "semantic.batch: 0 is less than the minimum of 1"),
    "steps with a decimal point": (
        "steps = 5250",
        "steps = 5250.0",
        r"semantic.phases\[0\].steps: 5250.0 is not of type 'integer'",
    ),
    "unknown stride": ("output_stride = 8", "output_stride = 7", "output_stride: 7 is not"),
    "text for a number": ("crop = 256", 'crop = "256"', "crop: '256' is not of type 'integer'"),
    "steps of the affinity network": (
        "[affinity.network]",
        "[[affinity.steps]]\n[affinity.network]",
        r"\[affinity\]: steps: only the semantic",
    ),
    "starting weights of a step": (
        "[semantic.network]",
        '[[semantic.steps]]\nstart = "resnet.pth"\n[semantic.network]',
        r"semantic.steps\[0\]: .*'start'",
    ),
    "step without a name": (
        "[semantic.network]",
        "[[semantic.steps]]\n[[semantic.steps]]\n[semantic.network]",
        r"\[semantic\]: step 1 has no name",
    ),
    "text that is not TOML": ("seed = 2018", "seed 2018", "not TOML: "),
    "same key twice": ("seed = 2018", "seed = 2018\nseed = 1", "not TOML: "),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_recipe_is_refused_in_one_line(case, tmp_path):
    old, new, message = WRONG[case]
    text = (RECIPES_FOLDER / "scenes.toml").read_text()
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ValueError, match=message) as error:
        read_recipe(path)
    line = str(error.value)
    assert line.startswith(f"{path}: ") and "\n" not in line


@pytest.mark.parametrize("path", sorted(RECIPES_FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_each_committed_recipe_is_valid(path):
    assert read_recipe(path).name == path.stem
