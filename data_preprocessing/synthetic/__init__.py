"""Synthetic songs with planted relatedness, written in the official formats."""
