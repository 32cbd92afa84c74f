"""The first bytes by which kinds of files are told apart."""

__all__ = ["GZIP", "PARQUET", "ZIP"]

GZIP = b"\x1f\x8b"
PARQUET = b"PAR1"
"""At the begin and at the end."""
ZIP = b"PK\x03\x04"
"""Also of .xlsx and other spreadsheets."""
