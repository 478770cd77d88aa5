"""Training of the weights that Saccade ships: `python -m models.training --help`."""
