"""Two runs are compared by the ratio of their times, with intervals; limits make a comparison fail."""

import json

import numpy as np
import pytest

from merge_impls.cli import main
from merge_impls.measurement_statistics import compare_by_image, compare_by_round
from merge_impls.run_comparison import ONE_PROBLEM, Limits, Measurement, compare_runs

SECONDS = [1.0, 1.01, 1.02, 0.99, 1.0]
ROUNDS = {ONE_PROBLEM: SECONDS}


def slower(measurement, factor):
    times = measurement.seconds.items()
    return Measurement({name: [factor * each for each in seconds] for name, seconds in times})


def test_measurements_that_took_turns_are_compared_round_by_round():
    a = {str(image): [1.0 * image, 2.0 * image, 9.0 * image] for image in range(1, 13)}
    b = {image: [1.1 * each for each in rounds] for image, rounds in a.items()}

    def run(seconds, turns):
        return {"x": Measurement(seconds, turns=turns)}

    (change,) = compare_runs(run(a, "one run"), run(b, "one run"))
    assert change.verdict == "slower"
    assert [change.time.low, change.time.high] == pytest.approx([1.1, 1.1])
    turned = {image: [*values[1:], values[0]] for image, values in b.items()}
    (together,) = compare_runs(run(a, "one run"), run(turned, "one run"))
    (apart,) = compare_runs(run(a, "one run"), run(turned, "another run"))
    assert (together.time.value, apart.time.value) == (pytest.approx(2.2), pytest.approx(1.1))


def test_a_run_compared_with_itself_shows_no_difference():
    one = {"x": Measurement(ROUNDS, ap=0.5)}
    (change,) = compare_runs(one, one)
    assert (change.verdict, change.ap) == ("indistinguishable", 0)
    assert change.time.low <= 1 == change.time.value <= change.time.high


@pytest.mark.parametrize(
    ("factor", "floor", "verdict"),
    [(1.1, None, "slower"), (0.9, None, "faster"), (1.1, 0.2, "indistinguishable")],
)
def test_a_change_counts_beyond_the_noise_floor_of_either_run(factor, floor, verdict):
    before = Measurement(ROUNDS, floor)
    (change,) = compare_runs({"x": before}, {"x": slower(before, factor)})
    assert change.verdict == verdict and change.time.value == pytest.approx(factor)


def test_times_of_the_same_images_are_compared_pair_by_pair():
    rng = np.random.default_rng(0)
    images = Measurement(
        {str(number): [seconds] for number, seconds in enumerate(rng.uniform(1, 9, 12))}
    )
    # Unpaired, 2 % could not be seen among images whose times differ by a factor of nine.
    (change,) = compare_runs({"x": images}, {"x": slower(images, 1.02)})
    assert change.verdict == "slower" and change.time.low == pytest.approx(1.02)


def test_few_images_give_no_verdict():
    few = Measurement({str(number): [1.0] for number in range(9)})
    (change,) = compare_runs({"x": few}, {"x": slower(few, 1.5)})
    assert change.verdict == "too few images" and change.time.value == 1.5
    assert not Limits.parse("slower:5%").exceeded(change)


def test_few_rounds_give_no_verdict():
    few = Measurement({ONE_PROBLEM: SECONDS[:2]})
    (change,) = compare_runs({"x": few}, {"x": slower(few, 1.5)})
    assert change.verdict == "too few rounds" and change.time.value == pytest.approx(1.5)
    assert not Limits.parse("slower:5%").exceeded(change)


def test_times_of_different_images_are_not_compared():
    one, other = Measurement({"a": [1.0]}, ap=0.5), Measurement({"b": [2.0]}, ap=0.5)
    (change,) = compare_runs({"x": one}, {"x": other})
    assert (change.time, change.verdict, change.ap) == (None, "", 0)


@pytest.mark.parametrize("images", [None, 12])
def test_within_one_run_the_verdict_is_that_of_the_tables(images):
    rng = np.random.default_rng(1)
    names = [ONE_PROBLEM] if images is None else [str(number) for number in range(images)]
    base, own = ({name: rng.uniform(1, 1.1, 7).tolist() for name in names} for _ in range(2))
    if images is None:
        expected = compare_by_round(own[ONE_PROBLEM], base[ONE_PROBLEM], 0.01)
    else:
        expected = compare_by_image([*own.values()], [*base.values()], 0.01)
    runs = [{"x": Measurement(each, 0.01, turns="one run")} for each in (base, own)]
    (change,) = compare_runs(*runs)
    assert (change.time, change.verdict) == (expected.ratio, expected.verdict)


@pytest.mark.parametrize(
    ("approximate", "cell"),
    [
        ((True, True), "x (approximate)"),
        ((True, False), "x (approximate in A)"),
        ((False, True), "x (approximate in B)"),
        ((False, False), "x"),
    ],
)
def test_a_cell_with_approximate_results_is_named_as_such(approximate, cell):
    runs = [{"x": Measurement(ROUNDS, is_approximate=each)} for each in approximate]
    assert compare_runs(*runs)[0].cell == cell


def test_a_limit_fails_only_for_real_and_large_enough_changes():
    one = Measurement(ROUNDS, ap=0.5)
    worse = Measurement(slower(one, 1.1).seconds, ap=0.49)
    (change,) = compare_runs({"x": one}, {"x": worse})
    assert Limits.parse("slower:5%").exceeded(change)
    assert not Limits.parse("slower:20%").exceeded(change)
    assert Limits.parse("slower:0.5,ap:-0.005").exceeded(change)
    assert not Limits.parse("ap:-0.02").exceeded(change) and not Limits().exceeded(change)


@pytest.mark.parametrize(
    "text",
    [
        "slower",
        "slower:x",
        "slower:-1",
        "slower:inf",
        "slower:5%,slower:50%",
        "ap:0.1",
        "faster:5%",
        "ap:nan",
    ],
)
def test_an_unknown_limit_is_a_one_line_error(text):
    with pytest.raises(ValueError, match="give slower:SHARE and ap:CHANGE") as error:
        Limits.parse(text)
    assert "\n" not in str(error.value)


def test_runs_without_a_common_cell_are_an_error():
    with pytest.raises(ValueError, match="no cell in common"):
        compare_runs({"x": Measurement(ROUNDS)}, {"y": Measurement(ROUNDS)})


def benchmark_file(path, factor):
    stats = {"data": [factor * each for each in SECONDS]}
    path.write_text(json.dumps({"benchmarks": [{"fullname": "test_c", "stats": stats}]}))
    return str(path)


def test_files_of_pytest_benchmark_are_compared(tmp_path, capfd):
    a, b = benchmark_file(tmp_path / "a.json", 1), benchmark_file(tmp_path / "b.json", 1.2)
    assert main(["compare", a, b]) == 0
    printed = capfd.readouterr().out
    assert "1.20 (" in printed and "slower" in printed and "1 of 1 cells differ" in printed
    assert main(["compare", a, b, "--fail-if", "slower:5%"]) == 5
    printed = capfd.readouterr().out
    assert "FAILS" in printed and "AP" not in printed
    assert main(["compare", b, a, "--fail-if", "slower:5%"]) == 0
    assert main(["compare", a, b, "--fail-if", "ap:-0.005"]) == 2
    assert "these files have no AP" in capfd.readouterr().err


def test_files_of_time_are_compared(tmp_path, capfd):
    out = str(tmp_path / "time.json")
    quick = ["--size", "300", "--family", "star", "--linkage", "average", "--rounds", "3"]
    assert main(["time", "heap", *quick, "--json", out]) == 0
    assert main(["compare", out, out, "--fail-if", "slower:0%"]) == 0
    printed = capfd.readouterr().out
    assert "heap, star 300, average, 1 threads" in printed and "indistinguishable" in printed


@pytest.mark.parametrize("content", ["{}", "[]", "no JSON", '{"benchmarks": [{"stats": {}}]}'])
def test_a_file_without_times_is_a_one_line_error(tmp_path, capfd, content):
    (tmp_path / "x.json").write_text(content)
    assert main(["compare", str(tmp_path / "x.json"), str(tmp_path / "x.json")]) == 2
    errors = capfd.readouterr().err
    assert errors.startswith("merge-impls compare: ") and errors.count("\n") == 1
