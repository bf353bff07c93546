"""Runs the command line of ``bench.cli`` for ``python -m bench``."""

from bench.cli import PROGRAM, main

if __name__ == "__main__":
    main(prog_name=PROGRAM)
