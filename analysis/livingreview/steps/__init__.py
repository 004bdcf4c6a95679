"""One module for each step of the build; a step is run by ``python -m livingreview step NAME``."""
