"""Only what pyproject.toml cannot say: cffi compiles merge_impls._c_merge from c_merge/."""

from setuptools import setup

setup(
    cffi_modules=["c_merge/build_c_merge.py:ffibuilder"],
    # One wheel serves every Python from this one on: the extension keeps to the stable ABI.
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
