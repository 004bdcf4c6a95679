"""The parts of a package, one module each: it makes its files, measures them, and leaves a record of both."""
