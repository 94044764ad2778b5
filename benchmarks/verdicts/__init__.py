"""Simulated cells of studies: how often the verdict rule, and what it replaced, errs."""
