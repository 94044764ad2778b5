"""Figures of songs and their labels."""
