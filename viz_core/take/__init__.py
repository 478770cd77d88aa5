"""What one takes home of a view: its numbers as files, its script, its living page."""
