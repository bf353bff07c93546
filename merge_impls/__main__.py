"""``python -m merge_impls`` is ``merge-impls``."""

import sys

from merge_impls.cli import main

sys.exit(main())
