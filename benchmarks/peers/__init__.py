"""The same training, written for each library that a user might pick."""
