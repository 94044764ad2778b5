"""The networks, one per file: a base DNN with any sharing pattern, and the study's four."""
