"""How each source is read; found by its name, imported only when there is something to read."""
