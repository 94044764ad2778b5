"""Slurm: the site's settings, what is submitted and in which order, and a job's life."""
