"""Figures of studies, from `results.json` alone."""
