"""Joins the official files into one dataset of songs; readers, splits, synthetic songs."""
