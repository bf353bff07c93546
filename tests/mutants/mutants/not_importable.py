"""A plug-in whose import fails."""

import a_module_that_is_nowhere as nowhere

merge = nowhere.merge
