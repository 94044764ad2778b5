"""The jobs of `repmusic`: parse, call, print. Only entry points import them."""
