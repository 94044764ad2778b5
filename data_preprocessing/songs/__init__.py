"""The aligned dataset: joined by id, split, whitened, described, kept in one file."""
