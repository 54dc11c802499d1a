"""Prefect flows, one file a stage, and the clock that says when they run."""
