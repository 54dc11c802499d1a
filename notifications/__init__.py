"""Letters: composing them, the outbox, posting over SMTP."""
