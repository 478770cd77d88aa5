"""Effective receptive fields of several networks under one pointer."""
