"""What names of columns, months, days, seasons and places in a table usually mean, in the commoner languages."""
