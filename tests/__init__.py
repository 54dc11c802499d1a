"""Tests in four tiers: unit, integration, acceptance and repository."""
