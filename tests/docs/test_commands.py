"""Every command of README and docs works as printed, or its comment says what it needs."""

import re
import shlex

import click
import pytest
from torch.distributed.run import get_args_parser

from bench import cli
from merge_impls.cli import main
from tests.docs.pages import DOCS, README, ROOT, blocks, relative
from tests.docs.reading import Reader, commands
from tests.merge_impls.plugin.installing import environment
from tests.prepared_python import PreparedPython

SIX_STEPS = ROOT / "docs" / "add-a-backend.md"
"""tests/merge_impls/plugin/test_six_steps.py follows it."""

SIGNATURES = ROOT / "docs" / "api.md"
"""Its blocks are signatures, made by docs/make_api.py."""

CITYSCAPES = ROOT / "docs" / "cityscapes.md"

FOLLOWED = [README, *(page for page in DOCS if page not in (SIX_STEPS, SIGNATURES))]
MARKED = [command for page in [README, *DOCS] for command in commands(blocks(page)) if command.mark]


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    before = environment() | {"MPLBACKEND": "Agg"}
    folder = tmp_path_factory.mktemp("python")
    with PreparedPython(folder, of_workers=("numpy", "networkx", "numba", "torch")) as python:
        yield Reader(tmp_path_factory.mktemp("clone"), python.environment(before))


@pytest.mark.parametrize("page", FOLLOWED, ids=relative)
def test_the_commands_of_a_page_work_as_printed(page, reader):
    assert reader.follow(blocks(page)) == []


@pytest.mark.exhaustive
def test_the_page_of_cityscapes_leads_to_all_tables_on_streets(reader):
    """Its commands in small: patches, all steps of a training, two processes, all tables and an export."""
    assert reader.follow(blocks(CITYSCAPES), with_long_ones=True) == []
    tables = {path.parent.name for path in (reader.clone / "runs").glob("paper-table*/report*")}
    assert tables == {"paper-table2", "paper-table3"}
    assert list((reader.clone / "runs" / "export").glob("*-test-paper-table3-*.zip"))


def test_a_command_that_fails_is_reported_with_its_output(reader):
    (wrong,) = reader.run("python -", "print('before'); exit(3)")
    assert "exit code 3\nbefore" in wrong
    (wrong,) = reader.run("python -", "raise ValueError('no reason')")
    assert "exit code 1\n" in wrong and "ValueError: no reason" in wrong
    (wrong,) = reader.run("(cd docs && merge-impls nowhere)")
    assert "exit code 2\n" in wrong and "nowhere" in wrong


def test_the_example_backend_of_docs_is_that_of_the_six_steps():
    printed = [block.content for block in blocks(SIX_STEPS) if block.language == "python"]
    assert (ROOT / "docs" / "examples" / "my_merge.py").read_text() == printed[0]


def options_of_bench(words):
    """The options of a command of ``python -m bench``."""
    command = cli.main
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    return {option for parameter in command.params for option in parameter.opts}


def options_of_merge_impls(words, capsys):
    with pytest.raises(SystemExit):
        main([words[0], "--help"])
    return set(re.findall(r"--[\w-]+", capsys.readouterr().out))


def module_that_torchrun_starts(words):
    """The module and its arguments in a command line of torchrun, which refuses unknown options."""
    arguments = get_args_parser().parse_args(words)
    assert arguments.module
    return [arguments.training_script, *arguments.training_script_args]


@pytest.mark.parametrize("command", MARKED, ids=lambda command: command.text)
def test_commands_that_no_test_runs_exist_with_their_options(command, capsys):
    words = shlex.split(re.sub(r"^\(cd \S+ && (.*)\)$", r"\1", command.text))
    while re.fullmatch(r"[A-Z_]+=.*", words[0]):  # a variable of the environment
        words = words[1:]
    if words[0] == "torchrun":
        words = ["python", "-m", *module_that_torchrun_starts(words[1:])]
    used = {word for word in words if word.startswith("--")}
    if words[:3] == ["python", "-m", "bench"]:
        assert used <= options_of_bench(words[3:]) | {"--help"}
    elif words[0] == "merge-impls":
        assert used <= options_of_merge_impls(words[1:], capsys)
    elif words[0] == "make":
        assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    else:
        assert words[0] in ("pip", "pytest", "python3")
