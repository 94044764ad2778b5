"""Figures, drawn from result files only, never from live models."""
