"""Genoeg YAML voor config.yaml: geneste sleutels, lijsten van teksten, commentaar. Geen PyYAML nodig."""


def _waarde(tekst):
    tekst = tekst.strip()
    if tekst[:1] in ("'", '"'):
        return tekst[1 : tekst.index(tekst[0], 1)]
    return tekst.split(" #", 1)[0].strip()


def lees(pad):
    """Geeft een plat woordenboek: ('kafka', 'consumer', 'group.id') -> waarde of lijst."""
    resultaat, stapel = {}, []
    with open(pad, encoding="utf-8") as bestand:
        for regel in bestand:
            kaal = regel.strip()
            if not kaal or kaal.startswith("#") or kaal == "---":
                continue
            inspringing = len(regel) - len(regel.lstrip())
            if kaal.startswith("- "):
                resultaat.setdefault(tuple(s for _, s in stapel), []).append(_waarde(kaal[2:]))
                continue
            while stapel and stapel[-1][0] >= inspringing:
                stapel.pop()
            sleutel, _, rest = kaal.partition(":")
            stapel.append((inspringing, _waarde(sleutel)))
            if _waarde(rest):
                resultaat[tuple(s for _, s in stapel)] = _waarde(rest)
    return resultaat
