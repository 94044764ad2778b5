"""One run over several devices or processes."""
