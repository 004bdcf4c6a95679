"""Benchmarks of the build system: see README.md in this folder."""
