"""The roles of the columns of a table: which is the time, which the target, and which identify the series."""
