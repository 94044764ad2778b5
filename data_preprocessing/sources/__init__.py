"""Readers, one official or public format a file; nothing behind them knows formats."""
