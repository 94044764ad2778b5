"""One config to one record: engine, inputs, the training loop, scoring."""
