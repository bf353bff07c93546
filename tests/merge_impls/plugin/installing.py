"""Install a distribution with pip, without a network, to a folder outside the packages of this Python."""

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
"""Environment variables with which ``pip install FOLDER`` works without a network."""


def environment(*sites):
    """Return the environment of a shell that finds the commands of this Python first.

    sites: folders into which pip installed distributions; Python finds their modules.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return os.environ | {"PATH": path, "PYTHONPATH": os.pathsep.join(map(str, sites))}


def install(name, folder):
    """Install a distribution to a folder; return the folder in which its modules are.

    name: the path of the distribution under ``tests``. A copy is installed, because building it leaves
        files behind.
    """
    source, site = folder / "source", folder / "site"
    shutil.copytree(TESTS / name, source, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", site, source]
    subprocess.run(command, env=os.environ | OFFLINE, check=True)
    return site
