"""Two snapshots of a document become one with marked insertions and deletions, as a Word file and as a page."""
