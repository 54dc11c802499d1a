"""Real databases, a real SMTP conversation."""
