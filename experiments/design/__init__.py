"""What studies compare: arms, cells, tuning. Nothing here trains."""
