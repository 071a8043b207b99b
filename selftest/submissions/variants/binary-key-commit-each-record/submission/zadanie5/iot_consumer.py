#!/usr/bin/env python3
"""
Wypisuje rekordy z INGESTION, jeden po drugim; po każdym zatwierdza offset.
Grupa: zmienna środowiskowa CONSUMER_GROUP (można ją też wpisać do pliku local.env).
"""
import os
import pathlib
import struct
import time

from kafka import KafkaConsumer
from kafka.errors import CommitFailedError, KafkaError


def wczytaj_env(plik):
    if not plik.exists():
        return
    for linia in plik.read_text(encoding="utf-8").splitlines():
        linia = linia.strip()
        if linia and not linia.startswith("#") and "=" in linia:
            nazwa, wartosc = linia.split("=", 1)
            os.environ.setdefault(nazwa.strip(), wartosc.strip().strip('"'))


wczytaj_env(pathlib.Path(__file__).with_name("local.env"))

konsument = KafkaConsumer(
    "INGESTION",
    bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP", "kafka:9092").split(","),
    group_id=os.environ.get("CONSUMER_GROUP", "sensor-readers"),
    auto_offset_reset="earliest",
    enable_auto_commit=False,
    max_poll_records=1,
)
print("grupa:", konsument.config["group_id"], flush=True)


def zatwierdz():
    for proba in range(5):
        try:
            konsument.commit()
            return
        except CommitFailedError:
            return  # grupa się przetasowała, partycja może być już u kogoś innego
        except KafkaError as blad:
            print("commit:", repr(blad), flush=True)
            time.sleep(0.5)


def klucz_na_numer(klucz):
    return struct.unpack(">i", klucz)[0] if klucz is not None and len(klucz) == 4 else klucz


try:
    while True:
        for rekordy in konsument.poll(timeout_ms=1000).values():
            for r in rekordy:
                print(f"#{r.partition}/{r.offset}", "czujnik", klucz_na_numer(r.key), r.key, r.value, flush=True)
                zatwierdz()
except KeyboardInterrupt:
    pass
finally:
    konsument.close()
