"""From tables to one value for each step: the rows of all files, their calendar, and what is done with gaps."""
