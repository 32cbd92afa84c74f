"""The cells of a table, read in the types that their columns need."""
