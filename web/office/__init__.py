"""The administrator's office."""
