"""A strategy of one's own is a function that changes each prediction before its graph is built."""

from dataclasses import replace

import numpy as np
import pytest

from bench.cache import AffinityCache
from bench.digests import files_digest, own_source_files
from bench.pipeline.config import PLAIN, ConfigError
from bench.pipeline.segment import Pipeline

ROIS = {"roi": True, "block": 8, "extension": 4}


def everything_is_joined(prediction, config):
    return replace(prediction, affinity=np.ones_like(prediction.affinity))


def one_class_everywhere(prediction, config):
    semantic = np.zeros_like(prediction.semantic)
    semantic[1] = 1
    return replace(prediction, semantic=semantic)


@pytest.fixture(scope="module")
def line(tiny_model, tmp_path_factory):
    return Pipeline(tiny_model, AffinityCache(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def image(street):
    return street.image("val", street.names("val")[0])


@pytest.mark.parametrize("changes", [{}, ROIS, {"flm": 2}])
def test_the_graph_has_the_changed_affinities(line, image, changes):
    own = line.replace(par="off", own_strategy=everything_is_joined, **changes)
    regions = own.graphs(own.predictor(image))
    for region in regions:
        affinities = region.graph.problem.affinities
        inside = affinities[affinities > 0]
        assert len(inside) and (inside == inside.max()).all()
    assert len(regions) == len(line.replace(**changes).graphs(line.predictor(image)))


def test_objects_and_pictures_have_the_changed_classes(line, image):
    own = line.replace(own_strategy=one_class_everywhere)
    predictor = own.predictor(image)
    assert (own.predict_whole_image(predictor).semantic[1] == 1).all()
    names = {one.class_name for one in own.segment(predictor, "heap").instances}
    assert names == {line.model.classes[0]}


def test_a_name_and_the_function_itself_are_the_same(line, image):
    text = f"{__name__}:everything_is_joined"
    named, given = (line.replace(own_strategy=each) for each in (text, everything_is_joined))
    first, second = (each.segment(each.predictor(image), "heap") for each in (named, given))
    assert [each.merge.sizes.tolist() for each in first.regions] == [
        each.merge.sizes.tolist() for each in second.regions
    ]


def smaller(prediction, config):
    return replace(prediction, affinity=prediction.affinity[:, 1:])


def of_another_dtype(prediction, config):
    return replace(prediction, semantic=prediction.semantic.astype(np.float64))


def too_large(prediction, config):
    return replace(prediction, affinity=prediction.affinity + 1)


def nothing(prediction, config):
    return None


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (smaller, "returned affinity float32 .*; return a Prediction with affinity float32"),
        (of_another_dtype, "returned semantic float64"),
        (too_large, "returned affinity outside 0 to 1; clip it"),
        (nothing, "returned affinity NoneType"),
    ],
)
def test_a_wrong_result_is_a_one_line_error(function, words, line, image):
    own = line.replace(own_strategy=function)
    with pytest.raises(ConfigError, match=words) as caught:
        own.graphs(own.predictor(image))
    assert function.__name__ in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["on", "nowhere:strategy", "math:nothing", "math:pi"])
def test_an_unknown_function_is_refused_before_networks_run(text, line):
    with pytest.raises(ConfigError, match=f"strategy: own_strategy {text} ") as caught:
        line.replace(own_strategy=text)
    assert "\n" not in str(caught.value)


def test_records_name_the_function():
    text = "my_strategy:sharpen"
    assert PLAIN.replace(own_strategy=text).differences_from(PLAIN) == {"own_strategy": text}


def test_the_files_of_a_strategy_are_its_own_and_those_beside(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "strategy_of_a_test.py").write_text("import numpy\nimport helper_of_a_test\n")
    (tmp_path / "helper_of_a_test").mkdir()
    for name in ("__init__", "inner"):
        (tmp_path / "helper_of_a_test" / f"{name}.py").write_text("import strategy_of_a_test\n")
    (tmp_path / "unused.py").write_text("")
    found = [
        path.relative_to(tmp_path).as_posix() for path in own_source_files("strategy_of_a_test")
    ]
    helpers = ["helper_of_a_test/__init__.py", "helper_of_a_test/inner.py"]
    assert found == [*helpers, "strategy_of_a_test.py"]


def test_the_files_of_a_strategy_are_those_of_libraries_of_ones_own(tmp_path, monkeypatch):
    for folder in ("here/plain", "elsewhere"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "here")
    monkeypatch.syspath_prepend(tmp_path / "elsewhere")
    strategy = tmp_path / "here" / "plain" / "strategy_with_library.py"
    strategy.write_text("import library_of_a_test, numpy, bench\n")
    library = tmp_path / "elsewhere" / "library_of_a_test.py"
    library.write_text("import json\n")
    found = own_source_files("plain.strategy_with_library")
    assert found == [library, strategy]
    before = files_digest(found)
    library.write_text("import json\nX = 1\n")
    assert files_digest(own_source_files("plain.strategy_with_library")) != before


def test_installed_libraries_do_not_count_and_templates_may(tmp_path, monkeypatch):
    installed = tmp_path / "other" / "site-packages"
    installed.mkdir(parents=True)
    (installed / "installed_library_of_a_test.py").write_text("")
    package = tmp_path / "strategy_with_template"
    package.mkdir()
    (package / "__init__.py").write_text("import installed_library_of_a_test\n")
    (package / "template.py").write_text("import {{ name }}\n")
    monkeypatch.syspath_prepend(installed)
    monkeypatch.syspath_prepend(tmp_path)
    assert own_source_files("strategy_with_template") == [
        package / "__init__.py",
        package / "template.py",
    ]


def test_a_module_without_a_file_has_no_source_files():
    with pytest.raises(ValueError, match="sys: has no source file"):
        own_source_files("sys")
