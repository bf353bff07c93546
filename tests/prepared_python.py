"""A Python process that has imported large libraries already, and forks for each command.

Most of the time of a short command goes into imports: a second for torch alone. In a shell whose PATH begins
with ``PreparedPython.folder``, ``python -m MODULE``, ``python -``, ``python FILE`` and ``merge-impls`` are
small programs that hand their arguments, folder, environment and open files to this process. It forks, and
the child runs the command as a new Python would. Packages of this repository are not imported before, so that
a command runs those that its own folder and its PYTHONPATH have. The workers of the commands can fork from
another such process.
"""

import atexit
import contextlib
import gc
import importlib
import json
import multiprocessing
import os
import runpy
import shutil
import socket
import subprocess
import sys
import traceback
from collections.abc import Sequence
from multiprocessing import forkserver
from pathlib import Path

LIBRARIES = (
    *("torch", "numba", "pandas", "networkx", "hypothesis", "PIL.Image", "scipy.ndimage"),
    *("matplotlib.figure", "matplotlib.backends.backend_agg", "cityscapesscripts", "jsonschema"),
    *("click", "tomlkit", "tqdm", "tabulate", "safetensors.torch"),
)
COMMANDS = ("python", "merge-impls")

CLIENT = """#!{python} -IS
import json, os, socket, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
server.connect({address!r})
words = [{program!r}, *sys.argv[1:]]
message = json.dumps([words, os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(server, [message], [0, 1, 2])
sys.exit(int(server.recv(8) or 1))
"""
"""The program in place of a command. It exits with the exit code of the forked process."""

ANSWER_BYTES = 1 << 20


class PreparedPython:
    """Starts the process, and stops it at the end of a ``with`` statement.

    folder: an empty folder, which gets the small programs.
    libraries: the modules that the process imports before it forks.
    of_workers: the modules that a second process imports, from which the workers of backends fork; if there
        are none, each worker starts by itself.
    """

    def __init__(
        self,
        folder: Path,
        libraries: Sequence[str] = LIBRARIES,
        of_workers: Sequence[str] = (),
    ) -> None:
        self.folder, self.libraries, self.of_workers = folder, libraries, of_workers

    def __enter__(self) -> "PreparedPython":
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        address = str(self.folder / "socket")
        self._listener.bind(address)
        self._listener.listen()
        for name in COMMANDS:
            program = sys.executable if name == "python" else installed_program(name)
            client = self.folder / name
            client.write_text(
                CLIENT.format(python=sys.executable, address=address, program=program)
            )
            client.chmod(0o755)
        number = self._listener.fileno()
        arguments = [str(number), ",".join(self.of_workers), *self.libraries]
        command = [sys.executable, __file__, *arguments]
        self._process = subprocess.Popen(command, pass_fds=[number], stdin=subprocess.DEVNULL)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._listener.close()

    def environment(self, before: dict[str, str]) -> dict[str, str]:
        """The environment ``before``, changed so that a shell finds the small programs first."""
        return before | {"PATH": os.pathsep.join([str(self.folder), before["PATH"]])}


def installed_program(name: str) -> str:
    """The path of a program beside this Python."""
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    assert found, f"{name} is not installed"
    return found


def receive_command(listener: socket.socket) -> list[str]:
    """Fork for each command. Returns its words in the child, whose folder and files are the command's."""
    while True:
        client, _ = listener.accept()
        message, files, _, _ = socket.recv_fds(client, ANSWER_BYTES, 3)
        child = os.fork()
        if child == 0:
            words, folder, environment = json.loads(message)
            for number, file in enumerate(files):
                os.dup2(file, number)
            os.chdir(folder)
            os.environ.clear()
            os.environ.update(environment)
            client.close()
            return words
        for file in files:
            os.close(file)
        with contextlib.suppress(BrokenPipeError):
            client.send(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())
        client.close()


def start_server_of_workers(libraries: list[str]) -> None:
    """Start the process from which the workers of all commands fork.

    Each command inherits the address of the process. It cannot check whether the process still runs, because
    the process is no child of the command.
    """
    multiprocessing.set_forkserver_preload(libraries)
    forkserver.ensure_running()
    setattr(forkserver._forkserver, "ensure_running", lambda: None)  # noqa: B010


def fork_workers() -> None:
    """Fork the workers of this process, which imports the package that its folder or PYTHONPATH has."""
    from merge_impls.isolation import child_process

    child_process.PROCESS_CONTEXT = multiprocessing.get_context("forkserver")


def run_words(words: list[str], workers_fork: bool) -> None:
    """Run a command as Python runs it: a module, standard input, or a file."""
    program, *arguments = words
    here = os.getcwd()
    if program == sys.executable:
        program, *arguments = arguments
    else:
        here = str(Path(program).parent)
    sites = [site for site in os.environ.get("PYTHONPATH", "").split(os.pathsep) if site]
    sys.path[:1] = [here, *sites]
    importlib.invalidate_caches()
    if workers_fork:
        fork_workers()
    if program == "-m":
        sys.argv = arguments
        runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    elif program == "-":
        exec(compile(sys.stdin.read(), "<stdin>", "exec"), {"__name__": "__main__"})
    else:
        sys.argv = [program, *arguments]
        runpy.run_path(program, run_name="__main__")


def exit_code_of(words: list[str], workers_fork: bool) -> int:
    """Run a command; return the exit code that Python would give, and print what it would print."""
    try:
        run_words(words, workers_fork)
    except SystemExit as stopped:
        if stopped.code is None or isinstance(stopped.code, int):
            return stopped.code or 0
        print(stopped.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    number, of_workers, *libraries = sys.argv[1:]
    if of_workers:
        start_server_of_workers(of_workers.split(","))
    for library in libraries:
        importlib.import_module(library)
    gc.freeze()
    code = exit_code_of(receive_command(socket.socket(fileno=int(number))), bool(of_workers))
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(code)  # the end of a Python with all these libraries takes as long as their import
