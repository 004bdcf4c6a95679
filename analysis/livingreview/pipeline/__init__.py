"""What a build needs around its steps: fingerprints, journal, lock, preflight, receipt. Knows no workflow engine."""
