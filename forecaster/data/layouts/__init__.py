"""The forms in which tables come: separators, headers, titles above and notes below, times as columns or rows."""
