"""What platforms demand: schemas of what they read, after their documentation, and a machine as they have it."""

from pathlib import Path

SCHEMAS = Path(__file__).parent
