"""The written report: from studies' records to `report.pdf`, with no number typed by hand."""
