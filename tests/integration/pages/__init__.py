"""The pages, in process, on both databases."""
