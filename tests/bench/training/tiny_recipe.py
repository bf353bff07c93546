"""A recipe whose networks are trained in seconds."""

import re

from bench.training.recipe import RECIPES_FOLDER


def write_tiny_recipe(path, steps, batch="8"):
    """Write the recipe ``scenes`` with tiny networks and small crops to ``path``. Returns the path.

    steps: of each phase. batch: the value of ``batch``; more lines may follow it.
    """
    text = (RECIPES_FOLDER / "scenes.toml").read_text()
    for pattern, new in (
        ("batch = .*", f"batch = {batch}"),
        ("crop = 256", "crop = 48"),
        ("stem_width = .*", "stem_width = 4"),
        ("widths = .*", "widths = [4, 6, 8, 10]"),
        ("aspp_width = .*", "aspp_width = 6"),
        ("steps = [0-9]+", f"steps = {steps}"),
    ):
        text = re.sub(rf"\b{pattern}", new, text)
    path.write_text(text)
    return path
