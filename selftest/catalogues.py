"""The texts that can be told in another language, and the catalogues that hold them.

``python -m selftest.catalogues`` brings every catalogue up to date: new texts come in without a translation, old ones
go, and the ``.mo`` that is read at run time is made.
"""

from __future__ import annotations

import datetime
import io
import re
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from topicmark.explain import tasks
from topicmark.reports import language, page

ROOT = Path(__file__).resolve().parents[1]
_REPORTS = ROOT / "src" / "topicmark" / "reports"
_UNDATED = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
_KEYWORDS = {"translate": None, "told": None, "_told": None, "_": None}


def texts() -> list[str]:
    """Every text, once: the reports' own, then those of the tasks."""
    found: dict[str, None] = dict.fromkeys(page.WORDS.values())
    with (_REPORTS / "page.html.j2").open("rb") as template:
        found |= {text: None for _, _, text, _ in babel_extract(template, ["_"], [], {}) if isinstance(text, str)}
    for path in sorted(_REPORTS.glob("*.py")):
        found |= {str(text): None for _, text, _, _ in extract_from_file("python", path, keywords=_KEYWORDS)}
    for task in tasks(ROOT):
        found |= dict.fromkeys((task.title, task.judged, task.hint))
    return [text for text in found if text]


def files() -> dict[str, Path]:
    """The source of each catalogue, by language."""
    return {path.parts[-3]: path for path in sorted(language.FOLDER.glob(f"*/LC_MESSAGES/{language.DOMAIN}.po"))}


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def compiled(catalogue: Catalog) -> bytes:
    """What gettext reads: the same bytes for the same texts, whenever they are made."""
    out = io.BytesIO()
    catalogue.creation_date = catalogue.revision_date = _UNDATED
    write_mo(out, catalogue)
    return out.getvalue()


def brought_up_to_date(path: Path) -> Catalog:
    """The catalogue with all texts, in their order, and with the translations that it had."""
    before = read(path)
    now = Catalog(locale=path.parts[-3], project="Topicmark", fuzzy=False, header_comment="# Topicmark")
    for text in texts():
        known = before.get(text)
        now.add(text, known.string if known is not None else "")
    return now


def update(path: Path) -> None:
    catalogue = brought_up_to_date(path)
    out = io.BytesIO()
    write_po(out, catalogue, width=110, omit_header=False)
    text = re.sub(r'"(?!Language:|Plural|MIME|Content)[A-Z][A-Za-z-]*: [^"]*"\n', "", out.getvalue().decode())
    path.write_text(text, encoding="utf-8")
    path.with_suffix(".mo").write_bytes(compiled(read(path)))


if __name__ == "__main__":
    for each in files().values():
        update(each)
