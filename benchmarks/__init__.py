"""Benchmarks: every figure that the documentation quotes comes from a module of this package.

`python -m benchmarks` runs all of them, `python -m benchmarks NAME` one, `python -m benchmarks soak` keeps
checking instead of measuring. docs/performance.md says how to read the figures.
"""
