"""Models side by side: maps under one pointer, doses of change, and tokens that match."""
