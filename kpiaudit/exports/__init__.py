"""Find the files under what a user named, and open them whatever they are packed in."""
