"""The component of the page Why: a map on the picture, what is erased, and what is left of it."""
