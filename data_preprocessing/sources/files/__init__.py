"""How files are opened and read, whatever they hold: text, packed or not, SQLite, HDF5."""
