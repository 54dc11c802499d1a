"""The JSON API, in process, on both databases."""
