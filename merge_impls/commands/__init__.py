"""The commands of ``merge-impls``, each in a module of its own; ``listing`` is the command ``list``.

Each of these modules has two functions: ``add_command`` declares the options of the command, and
``run_command`` runs the command and returns its exit code. All commands use ``arguments``, which
parses the values of options, and ``exit_codes``.
"""
