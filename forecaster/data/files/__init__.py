"""Find files and tell what they are by their content; their encodings; Parquet and spreadsheets."""
