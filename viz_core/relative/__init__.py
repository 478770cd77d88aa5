"""Swin's relative position bias, drawn: from offsets to one index, and the learned tables."""
