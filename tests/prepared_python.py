"""A Python process that has imported large libraries already, and forks for each command.

Most of the time of a short command goes into imports: a second for torch alone. In a shell whose PATH begins
with ``PreparedPython.folder``, ``python -m MODULE``, ``python -``, ``python FILE`` and ``merge-impls`` are
small programs that hand their arguments, folder, environment and open files to this process. It forks, and
the child runs the command as a new Python would. Packages of this repository are not imported before, so that
a command runs those that its own folder and its PYTHONPATH have.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import shutil
import socket
import subprocess
import sys
import traceback
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
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

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
        command = [sys.executable, __file__, str(number)]
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


def run_words(words: list[str]) -> None:
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
    if program == "-m":
        sys.argv = arguments
        runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    elif program == "-":
        exec(compile(sys.stdin.read(), "<stdin>", "exec"), {"__name__": "__main__"})
    else:
        sys.argv = [program, *arguments]
        runpy.run_path(program, run_name="__main__")


def exit_code_of(words: list[str]) -> int:
    """Run a command; return the exit code that Python would give, and print what it would print."""
    try:
        run_words(words)
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
    for library in LIBRARIES:
        importlib.import_module(library)
    gc.freeze()
    code = exit_code_of(receive_command(socket.socket(fileno=int(sys.argv[1]))))
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(code)  # the end of a Python with all these libraries takes as long as their import
