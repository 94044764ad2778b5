"""Readers of musiXmatch's bags of words, as text and as a database."""
