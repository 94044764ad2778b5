"""From run folders to verdicts."""
