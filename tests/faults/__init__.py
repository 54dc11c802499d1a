"""Faults: the real programs are killed, starved and lied to while concerns move; then nothing may be missed or doubled.

`make soak` runs it whole (docs/soak.md says how); `make test` runs a short form.
"""
