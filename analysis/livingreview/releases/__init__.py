"""Released versions of the review: an append-only ledger, how it is written, checked and rebuilt."""
