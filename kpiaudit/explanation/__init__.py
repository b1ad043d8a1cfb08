"""One conversation explained: which, its rows, and every clock cut into spans."""
