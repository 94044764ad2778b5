"""Intervals, p-values, verdicts and associations."""
