"""The benchmarks of `make bench`; never part of the tests."""
