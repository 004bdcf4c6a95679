"""Models on plain arrays: they know nothing of studies, therapies or protocols. One method a module."""
