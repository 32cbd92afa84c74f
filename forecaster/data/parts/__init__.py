"""Times in parts: a year, a month, an hour or a half-hour in a cell of its own."""
