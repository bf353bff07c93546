"""Follows the pages as a reader does: writes their files, applies their changes and runs their commands."""

import re
import shutil
import subprocess
from dataclasses import dataclass

from tests.docs.pages import ROOT

COPIED = ("bench", "docs", "models")
"""What the pages change or write to."""

LINKED = ("merge_impls", "results")
"""What the commands only read: compiled, with its caches."""

MARK = re.compile(r"#.*\((needs [^)]+|[^)]*\b(?:minutes?|hours?|hour)\b[^)]*)\)")
"""In a command's comment: why no test runs it."""


@dataclass(frozen=True)
class Command:
    """A line of a block of shell commands, and where it is."""

    page: str
    line: str

    @property
    def mark(self):
        """What it needs, so that no test runs it; None if a test does."""
        found = MARK.search(self.line)
        return found[1] if found else None

    @property
    def needs_nothing(self):
        """Whether it runs in the clone, with what the commands above it wrote."""
        return not (self.mark or "").startswith("needs")

    @property
    def text(self):
        """The line without its comment."""
        return re.sub(r"\s+#\s.*", "", self.line)


def commands(blocks):
    """The commands in the shell blocks among ``blocks``."""
    return [
        Command(block.page.name, line)
        for block in blocks
        if block.language == "sh"
        for line in block.content.splitlines()
    ]


class Reader:
    """A reader with a clone. The same command on several pages is run once.

    environment: that of the shell in which commands are run.
    """

    def __init__(self, clone, environment):
        self.clone = clone
        self.environment = environment
        self._done = set()
        for name in COPIED:
            shutil.copytree(ROOT / name, clone / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in LINKED:
            (clone / name).symlink_to(ROOT / name)

    def follow(self, blocks, with_long_ones=False):
        """Do what the blocks of a page say, in order; return what went wrong.

        with_long_ones: also run the commands that take minutes, but none that needs more than the clone.
        """
        wrong = []
        for block in blocks:
            if block.language == "python":
                wrong += self._write_or_run(block.content)
            elif block.language == "toml":
                self._write(block.content)
            elif block.language == "diff":
                wrong += self._change(block.content)
            elif block.language == "sh":
                for command in commands([block]):
                    is_run = not command.mark or (with_long_ones and command.needs_nothing)
                    if is_run and command.text not in self._done:
                        self._done.add(command.text)
                        wrong += self.run(command.text)
        return wrong

    def _write_or_run(self, content):
        if re.match(r"# \S+\.py\n", content):
            return self._write(content)
        return self.run("python -", content)

    def _write(self, content):
        """Write a block whose first line is a comment with its file's name."""
        name = re.match(r"# (\S+)\n", content)[1]
        (self.clone / name).write_text(content)
        return []

    def _change(self, content):
        """Change a file as a difference says, whose context is in one place of the file."""
        path = self.clone / re.match(r"\+\+\+ (\S+)\n@@\n", content)[1]
        lines = content.splitlines(keepends=True)[2:]
        before = "".join(line[1:] for line in lines if line[0] in " -")
        after = "".join(line[1:] for line in lines if line[0] in " +")
        text = path.read_text()
        if text.count(before) != 1:
            return [f"{path}: these lines are there {text.count(before)} times:\n{before}"]
        path.write_text(text.replace(before, after))
        return []

    def run(self, command, standard_input=None):
        """Run a command in the folder of the clone; return what went wrong."""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.clone,
            env=self.environment,
            input=standard_input,
            capture_output=True,
            text=True,
        )
        output = (done.stdout + done.stderr)[-2000:]
        return [f"{command}: exit code {done.returncode}\n{output}"] if done.returncode else []
