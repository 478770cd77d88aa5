"""What each page offers to take home, one file a page: see `pages._ui.take`."""
