"""Experiments: training, checkpointing and evaluating runs, and one short script for each set."""
