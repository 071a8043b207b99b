"""Evidence as pictures: inline SVG, each with a sentence and a table that say the same."""

from topicmark.reports.pictures.choosing import pictures_of
from topicmark.reports.pictures.picture import Picture

__all__ = ["Picture", "pictures_of"]
