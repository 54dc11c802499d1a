"""The sample: an invented partnership with concerns at every stage, to try things out with."""
