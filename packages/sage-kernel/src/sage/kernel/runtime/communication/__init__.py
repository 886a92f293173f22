"""How the parts of an application reach each other."""
