"""What every other folder may use: tasks, files, errors, statistics. It imports no other."""
