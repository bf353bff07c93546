"""A plug-in that does not import."""

import a_module_that_is_nowhere as nowhere

merge = nowhere.merge
