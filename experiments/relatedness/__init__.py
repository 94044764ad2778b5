"""Which labels belong together."""
