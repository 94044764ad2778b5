"""What every other folder may use: tasks, files, errors, records, statistics. It imports none of them."""
