"""Readers of the Million Song Dataset's own files."""
