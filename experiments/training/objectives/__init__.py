"""How several losses become one step: one method per file."""
