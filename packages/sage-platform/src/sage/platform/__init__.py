"""SAGE platform."""
