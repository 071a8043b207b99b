"""The language in which people are told: the texts of tasks and of the reports, by gettext's catalogues.

What was *seen* is told in English: it quotes servers and programs, whose words are English too.
"""

from __future__ import annotations

import gettext
from dataclasses import dataclass, field
from pathlib import Path

DOMAIN = "topicmark"
FOLDER = Path(__file__).resolve().parents[1] / "locale"
SOURCE = "en"


def languages() -> list[str]:
    """Languages that there are: English, and those of the catalogues."""
    return sorted({SOURCE, *(path.parts[-3] for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))})


@dataclass(frozen=True, slots=True)
class Language:
    """``name`` is one of ``languages()``. A text that a catalogue lacks stays English."""

    name: str = SOURCE
    _catalogue: gettext.NullTranslations = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = (
            gettext.NullTranslations()
            if self.name == SOURCE
            else gettext.translation(DOMAIN, FOLDER, languages=[self.name])
        )
        object.__setattr__(self, "_catalogue", found)

    def translate(self, text: str) -> str:
        """``text`` in this language."""
        return self._catalogue.gettext(text) if text else ""
