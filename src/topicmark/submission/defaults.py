"""Whether a sentence names one of Kafka's defaults for retention, in English, Danish or German."""

from __future__ import annotations

import re

_MAX_ANSWER_CHARS = 8000


def _any(*alternatives: str) -> str:
    return "(?:" + "|".join(alternatives) + ")"


_UNANSWERED = re.compile(r"\b(?:todo|fixme|tbd|xxx)\b|^[\s.…?_-]*$")
_DEFAULT = re.compile(
    r"\b" + _any("default", "standard", "voreinstellung", "voreingestellt", "vorgabe", "forvalgt") + r"\w*"
)
_NOT = re.compile(
    r"\b"
    + _any(
        "not",
        "non",
        "no",
        "nicht",
        r"kein\w*",
        "ikke",
        "ingen",
        "changed?",
        "different from",
        "other than",
        "andet end",
    )
    + r"\b[\s-]+(?:(?!but\b|sondern\b|men\b)\w+[\s-]+){0,2}$|\b"
    + _any("instead of", "rather than", "(?:long|short|high|low)er than", "(?:more|less) than", "i stedet for")
    + r"\s+(?:\w+\s+){0,2}$|\b"
    + _any("statt", "anstelle", "anstatt", "(?:kürz|läng)er als", "(?:kortere|længere) end")
    + r"\s+(?:\w+\s+){0,2}$"
)
_CHANGED = re.compile(
    r"\b"
    + _any(
        "instead",
        "too (?:long|short|much|little|big|small|large)",
        r"(?:chang|reduc|increas|lower|rais|overr)\w+",
        "i stedet",
        "for (?:lang|længe|kort|meget|lidt|stor)",
        r"ændre\w*",
        "stattdessen",
        "statt",
        "zu (?:lang|kurz|viel|wenig|groß)",
        "geändert",
    )
    + r"\b"
)
_NUMBER_WORDS = {
    **dict.fromkeys(("one", "a", "an", "en", "et", "ein", "eine", "einen", "einer"), 1),
    **dict.fromkeys(("two", "to", "zwei"), 2),
    **dict.fromkeys(("three", "tre", "drei"), 3),
    **dict.fromkeys(("four", "fire", "vier"), 4),
    **dict.fromkeys(("five", "fem", "fünf"), 5),
    **dict.fromkeys(("six", "seks", "sechs"), 6),
    **dict.fromkeys(("seven", "syv", "sieben"), 7),
    **dict.fromkeys(("fourteen", "fjorten", "vierzehn"), 14),
    **dict.fromkeys(("thirty", "tredive", "dreißig"), 30),
}
_UNITS_MS = {
    r"ms|milliseconds?|millisekund\w*": 1,
    r"s|sec|secs|seconds?|sekund\w*": 1000,
    r"min|mins|minutes?|minut\w*": 60_000,
    r"h|hrs?|hours?|timer?|std|stunden?": 3_600_000,
    r"d|days?|dage?|dages|døgn|tage?n?": 86_400_000,
    r"w|weeks?|uger?|uges|wochen?": 604_800_000,
    r"months?|måned\w*|monate?n?": 2_592_000_000,
    r"y|years?|år|jahre?n?": 31_536_000_000,
}
_WEEK_MS = 604_800_000
_COUNT = r"(?<![\w.,])(?:(\d[\d.,_']{0,20})[\s-]*|(" + "|".join(_NUMBER_WORDS) + r")[\s-]+)"
_TIME = re.compile(_COUNT + "(" + "|".join(_UNITS_MS) + r")\b")
_BARE = re.compile(r"(?<![\w.,-])\d[\d.,_']{3,20}(?![\w])")
_UNLIMITED = re.compile(
    r"\b"
    + _any(
        r"(?:unlimited|infinite|infinity|unbounded|unbegrenzt|unbeschränkt|unendlich|ubegrænset|uendelig)\w*",
        r"(?:no|without(?: a| any)?|uden|ingen|ohne|keine?)(?: \w+){0,2} "
        r"(?:limit\w*|bounds?|cap|grænser?|begrænsning\w*|grenzen?|begrenzung\w*)",
        "not (?:limited|bounded|capped)",
        "nicht begrenzt",
        "ikke begrænset",
    )
    + r"\b|∞|(?<![\w.])[-\u2212\u2013]\s?1(?![\w.]\d?|\d)"
)
_SIZE = re.compile(r"(?<![\w.,])\d[\d.,_']{0,20}\s*(?:[kmgt]i?b?|bytes?)\b|(?<![\w.,-])\d[\d.,_']{4,20}(?!\w)")
_MARK = " default "


def names_default(kind: str, text: str) -> bool:
    """Whether an answer names Kafka's default as the choice. ``kind`` is ``time`` (7 days) or ``size`` (unlimited).

    English, Danish and German. Another value, a negation or an open TODO does not.
    """
    words = " ".join(text.lower().split())[:_MAX_ANSWER_CHARS]
    if _UNANSWERED.search(words):
        return False
    others = 0
    if kind == "time":
        words, others = _mark_times(words)
    elif kind == "size":
        words = _UNLIMITED.sub(_MARK, words)
        others = len(_SIZE.findall(words))
    else:
        raise ValueError(f"kind {kind!r} is neither time nor size")
    named = [match for match in _DEFAULT.finditer(words) if not _NOT.search(words[: match.start()][-60:])]
    return bool(named) and not (others and _CHANGED.search(words))


def _mark_times(words: str) -> tuple[str, int]:
    """The text with each mention of seven days replaced by the word ``default``, and how many other times it names."""
    others = 0

    def judge(value: float | None, otherwise: str) -> str:
        nonlocal others
        if value == _WEEK_MS:
            return _MARK
        others += 1
        return otherwise

    def timed(match: re.Match[str]) -> str:
        unit = next(ms for pattern, ms in _UNITS_MS.items() if re.fullmatch(pattern, match[3]))
        number = _number(match[1]) if match[1] else _NUMBER_WORDS[match[2]]
        return judge(None if number is None else number * unit, " … ")

    words = _TIME.sub(timed, words)
    words = _BARE.sub(lambda match: judge(_number(match[0]), " … "), words)
    return words, others


def _number(text: str) -> float | None:
    digits = re.sub(r"[.,_'](?=\d{3}(?!\d))", "", text.rstrip(".,_'")).replace(",", ".")
    try:
        return float(digits)
    except ValueError:
        return None
