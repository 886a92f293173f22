"""SAGE common."""
