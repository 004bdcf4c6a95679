"""Pages as pictures, and what is wrong with them as they are printed."""
