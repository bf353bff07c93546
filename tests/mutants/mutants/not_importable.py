"""A plug-in that cannot be imported."""

import a_module_that_is_nowhere as nowhere

merge = nowhere.merge
