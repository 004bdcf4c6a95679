"""How people's additions and corrections come into the tables: forms, one study at a time, merges, changes of layout."""
