"""Follows the calls while an image is segmented: each step of the pipeline is entered once, in order.

A step is entered when a function of its module is called from another module of ``bench.pipeline``. Two kinds
of calls are not counted: to methods and properties of the values that are handed on, such as
``Region`` and ``Prediction``, and to the modules that all steps may use: ``HELPERS``.
"""

import sys
from collections import Counter
from pathlib import Path

import pytest

import merge_impls
from bench import pipeline
from bench.cache import AffinityCache
from bench.pipeline.config import BARE, PAPER, PLAIN
from bench.pipeline.oracle import ORACLE_PARTS
from bench.pipeline.segment import Pipeline

FOLDER = Path(pipeline.__file__).parent
PREDICTORS = {"predictor", "cached_networks", "network_logits", "oracle"}
HELPERS = {"config", "resizing", "super_classes", "view"} | PREDICTORS
OF_IMAGE = ["regions"]
"""The steps before the image is divided into regions."""
OF_REGION = [
    "prediction",
    "own_strategy",
    "foreground",
    "refinement",
    "local_merge",
    "graph",
    "merge",
    "instances",
]
"""The steps that each region goes through."""
ONCE_FOR_ALL = {"foreground"}
"""Steps of all regions together: a pixel that several regions claim goes to one of them."""

SMALL_ROIS = {"roi": True, "rr": True, "block": 8, "extension": 4}
CONFIGS = {
    "bare": BARE,
    "plain": PLAIN,
    "rois": PLAIN.replace(**SMALL_ROIS),
    "paper": PAPER.replace(**SMALL_ROIS, scr="off"),  # scr needs distance 64
}


def module_of(code):
    """The module of ``bench.pipeline`` that some code belongs to, "merge" for ``merge``; else None."""
    if code is merge_impls.merge.__code__:
        return "merge"
    path = Path(code.co_filename)
    return path.stem if path.parent == FOLDER else None


def calls_of(function):
    """(calling module, called module, called function) of each call from module to module, in order."""
    calls = []

    def follow(frame, event, _):
        called = module_of(frame.f_code)
        if event != "call" or called is None:
            return
        caller = frame.f_back
        while caller is not None and module_of(caller.f_code) is None:
            caller = caller.f_back
        calling = module_of(caller.f_code) if caller else None
        if calling not in (None, called):
            calls.append((calling, called, frame.f_code.co_qualname))

    sys.setprofile(follow)
    try:
        return function(), calls
    finally:
        sys.setprofile(None)


def is_function_of_step(call):
    _, called, function = call
    return called not in {*HELPERS, "segment"} and "." not in function


@pytest.fixture(scope="module")
def line(random_model, tmp_path_factory):
    """A model that sees all three super-classes in the street."""
    folder = random_model(tmp_path_factory.mktemp("several"), seed=2)
    return Pipeline(folder, AffinityCache(folder / "cache"))


@pytest.fixture(params=[(), ORACLE_PARTS], ids=["networks", "annotation"])
def followed(request, street, line):
    """A function of a configuration: the segmentation of an image, and the calls on the way."""
    sample = street.load("val", street.names("val")[0])

    def segment(config):
        own = line.with_config(config)
        predictor = own.oracle_predictor(sample, request.param) if request.param else None
        return calls_of(lambda: own.segment(predictor or own.predictor(sample.image)))

    return segment


@pytest.mark.parametrize("name", CONFIGS)
def test_segment_enters_each_step_once_in_order(followed, name):
    segmentation, calls = followed(CONFIGS[name])
    entered = [called for _, called, _ in filter(is_function_of_step, calls)]
    regions = len(segmentation.regions)
    assert Counter(entered) == {
        step: 1 if step in {*OF_IMAGE, *ONCE_FOR_ALL} else regions for step in OF_IMAGE + OF_REGION
    }
    assert list(dict.fromkeys(entered)) == OF_IMAGE + OF_REGION
    places = {step: [n for n, each in enumerate(entered) if each == step] for step in OF_REGION}
    for region in range(regions):
        own = [of_step[0 if step in ONCE_FOR_ALL else region] for step, of_step in places.items()]
        assert own == sorted(own), "a region goes through the steps in their order"


@pytest.mark.parametrize("name", CONFIGS)
def test_only_segment_calls_steps_and_no_helper_calls_one(followed, name):
    _, calls = followed(CONFIGS[name])
    steps = list(filter(is_function_of_step, calls))
    assert steps and {calling for calling, _, _ in steps} == {"segment"}
    assert not [call for call in calls if call[1] == "segment"]


def test_each_map_of_a_view_is_predicted_once(followed):
    segmentation, calls = followed(CONFIGS["paper"])
    predicted = Counter(
        function.rpartition(".")[2]
        for calling, called, function in calls
        if calling in OF_IMAGE + OF_REGION and called in PREDICTORS
    )
    regions = len(segmentation.regions)
    assert regions > 1
    # The regions are searched for in the classes of the whole image.
    sizes = predicted.pop("image_size")
    assert sizes and predicted == {"affinity": regions, "semantic": regions + 1}
