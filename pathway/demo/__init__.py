"""Sixteen weeks of one fictional concern, told as a timeline."""
