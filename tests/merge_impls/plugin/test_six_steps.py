"""The six steps of docs/add-a-backend.md: each file is written and each command run as printed."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.prepared_python import PreparedPython

from .installing import OFFLINE, environment

TEXT = (Path(__file__).parents[3] / "docs" / "add-a-backend.md").read_text()


def steps():
    """The titles of the steps and, for each, its blocks (language, content)."""
    parts = re.split(r"^## (.*)$", TEXT, flags=re.M)[1:]
    block = re.compile(r"^```(\w*)\n(.*?)^```$", re.S | re.M)
    return [
        (title, block.findall(body)) for title, body in zip(parts[::2], parts[1::2], strict=True)
    ]


class Shell:
    """A folder in which files are written and commands are run, without a network.

    python: the ``PreparedPython`` that runs ``merge-impls``.
    """

    def __init__(self, folder, python):
        self.folder, self.site = folder / "work", folder / "site"
        self.folder.mkdir()
        installing = environment(self.site) | OFFLINE | {"PIP_TARGET": str(self.site)}
        self.environment = python.environment(installing)
        self.file, self.output = None, ""

    def write(self, content):
        """Write a file whose name stands in its first line, as a comment."""
        name = re.match(r"# (\S+)\n", content)[1]
        (self.folder / name).write_text(content)

    def run(self, line):
        """Run a command; FILE in it stands for the last saved problem that was printed.

        A comment in the line gives the exit code that is expected, if it is not 0.
        """
        output = re.search(r"# exit code (\d)", line)
        if self.file:
            line = line.replace("FILE", self.file)
        done = subprocess.run(
            line, shell=True, cwd=self.folder, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == int(output[1] if output else 0), (
            f"{line}\n{done.stdout}{done.stderr}"
        )
        self.output += done.stdout
        for file in re.findall(r"merge-impls replay (\S+)", done.stdout):
            self.file = file


def test_there_are_six_steps_and_each_has_commands_or_files():
    assert [title[0] for title, _ in steps()] == list("123456")
    assert all(blocks for _, blocks in steps())


@pytest.fixture
def shell(tmp_path):
    (tmp_path / "python").mkdir()
    libraries = ("numpy", "networkx")
    with PreparedPython(tmp_path / "python", (*libraries, "hypothesis"), libraries) as python:
        yield Shell(tmp_path, python)


def test_six_steps_lead_to_a_backend(shell):
    for _, blocks in steps():
        for language, content in blocks:
            if language == "sh":
                for line in content.splitlines():
                    shell.run(line)
            elif language:
                shell.write(content)
            else:  # what the command before it printed; the first line has seconds, which differ
                assert "".join(content.splitlines(keepends=True)[1:]) in shell.output
    assert "mine 0.1.0 conforms" in shell.output
