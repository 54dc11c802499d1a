"""What would happen if nobody acted: an excerpt of the record is lived through in memory, by the flows themselves."""
