"""Raw extraction tables, as spreadsheets save them, turned into validated rows."""
