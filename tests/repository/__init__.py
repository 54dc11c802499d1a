"""Tests that read the repository itself."""
