"""``python -m merge_impls`` runs the command ``merge-impls``."""

import sys

from merge_impls.cli import main

sys.exit(main())
