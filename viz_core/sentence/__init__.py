"""The component of the page Text: one sentence as a text network reads it."""
