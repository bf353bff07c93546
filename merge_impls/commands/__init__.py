"""The commands of ``merge-impls``, one module each.

``add_command`` declares a command's options, and ``run_command`` does what the command is for and
returns its exit code. ``listing`` is the command ``list``. All commands use ``arguments``, which
parses the values of options, and ``exit_codes``.
"""
