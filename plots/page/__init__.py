"""The results page: studies' `results.json` as one HTML file, interactive, without network."""
