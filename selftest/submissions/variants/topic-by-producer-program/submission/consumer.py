# -*- coding: utf-8 -*-
# Exercice 5 : python consumer.py [-g GROUPE | --group-id=GROUPE] [-s SERVEURS]
import getopt
import json
import sys

from confluent_kafka import Consumer

options, reste = getopt.getopt(sys.argv[1:], "hg:s:", ["help", "group-id=", "servers="])
groupe, serveurs = "lecteurs", "kafka:9092"
for nom, valeur in options:
    if nom in ("-g", "--group-id"):
        groupe = valeur
    elif nom in ("-s", "--servers"):
        serveurs = valeur
    else:
        print("usage: consumer.py [-g GROUPE] [-s SERVEURS]")
        sys.exit(0)

print("Groupe :", groupe)
c = Consumer({
    "bootstrap.servers": serveurs,
    "group.id": groupe,
    "auto.offset.reset": "earliest",
    "auto.commit.interval.ms": 1000,
    "client.id": "lecteur-python",
})
c.subscribe(["INGESTION"])
try:
    while True:
        m = c.poll(1.0)
        if m is None:
            continue
        if m.error():
            print("!!", m.error().str(), file=sys.stderr)
            continue
        r = json.loads(m.value())
        p = json.loads(r["payload"])
        print("[%s p=%d o=%d k=%s] sensor %s modality=%s %s (corr=%s)" % (
            m.topic(), m.partition(), m.offset(), m.key().decode() if m.key() else "-",
            p["sensor_id"], p["modality"], p["unit"], r["correlation_id"]))
except KeyboardInterrupt:
    pass
finally:
    c.close()
