"""The mutation check: faults planted one at a time in a copy of the program, each of which must be caught."""
