"""Conclusions: declared as predicates over claims, judged at every build, and watched from one release to the next."""
