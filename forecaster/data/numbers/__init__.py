"""Numbers as text: their marks, thousands and decimals."""
