"""Run the command ``merge-impls`` as ``python -m merge_impls``."""

import sys

from merge_impls.cli import main

sys.exit(main())
