"""Only what pyproject.toml cannot say: cffi compiles merge_impls._c_merge from c_merge/."""

import sysconfig

from setuptools import setup

# One wheel serves every Python from 3.11 on, because the extension keeps to the stable ABI. This
# ABI does not exist in a free-threaded Python, which gets a wheel for its own version.
IS_FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))

setup(
    cffi_modules=["c_merge/build_c_merge.py:ffibuilder"],
    options={"bdist_wheel": {} if IS_FREE_THREADED else {"py_limited_api": "cp311"}},
)
