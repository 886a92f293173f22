"""The developers' command `sage-dev`, the MkDocs plugin and the pytest plugin."""
