"""Times as text: detect how a file writes them, and read them."""
