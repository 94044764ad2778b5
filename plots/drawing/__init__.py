"""The look of all figures, and how arms, cells and numbers are named in them."""
