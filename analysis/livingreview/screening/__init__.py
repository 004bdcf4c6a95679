"""Screening: from the records that a search found to duplicates, decisions and the PRISMA 2020 flow."""
