"""What a run is on disk: config, folder, cost, summary."""
