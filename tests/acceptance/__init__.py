"""The program from outside, through its commands."""
