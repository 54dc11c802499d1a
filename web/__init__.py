"""Pages and the JSON API: they show what the record holds and hand in what people decide. No rule of casework here."""
