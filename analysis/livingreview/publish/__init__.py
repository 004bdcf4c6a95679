"""Documents: one set of Quarto sources, two engines, three formats."""
