"""One question a file, found by its folder."""
