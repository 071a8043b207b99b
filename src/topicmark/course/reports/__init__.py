"""Findings for people and machines: pure functions from findings to text."""
