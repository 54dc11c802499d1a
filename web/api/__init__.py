"""The JSON API under /api/v1: what the pages' forms can do, for programs that hold somebody's personal key."""
