"""Claims: every number and composed sentence that the documents print, under a name, with what it rests on."""
