"""Build system for living systematic reviews: from extraction tables to the rendered manuscript."""

__version__ = "0.1.0"
