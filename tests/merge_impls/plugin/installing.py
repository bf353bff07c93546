"""Installs a distribution with pip, but without a network and outside this Python's packages."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[2]

OFFLINE = {
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INDEX": "1",
    "PIP_NO_DEPS": "1",
    "PIP_NO_BUILD_ISOLATION": "0",  # pip reads 0 as "isolate not"
}
"""Lets ``pip install`` of a folder work without a network."""


def environment(*sites):
    """The environment of a shell in which the commands of this Python come first, and ``sites``,
    folders into which pip installed something, are on Python's path."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return os.environ | {"PATH": path, "PYTHONPATH": os.pathsep.join(map(str, sites))}


def install(name, folder):
    """Install one of the distributions beside this folder from a copy, because building leaves
    files; returns where it is."""
    source, site = folder / "source", folder / "site"
    shutil.copytree(TESTS / name, source, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", site, source]
    subprocess.run(command, env=os.environ | OFFLINE, check=True)
    return site
