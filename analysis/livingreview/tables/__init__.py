"""Tables of the documents, as pandoc markdown."""
