"""Settings, time, calendars and the partnerships' policies."""
