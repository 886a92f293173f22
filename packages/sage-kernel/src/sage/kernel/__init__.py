"""SAGE kernel."""
