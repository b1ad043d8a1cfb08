"""The command line: one file per group of commands, options shared by all in `options`."""
