# -*- coding: utf-8 -*-
# Exercice 4. Le programme crée lui-même le sujet INGESTION (s'il n'existe pas), puis publie sans fin.
import json
import random
import socket
import time
import uuid

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic

SERVEURS = ",".join(
    "kafka-controller-%d.kafka-controller-headless.groupe4.svc.cluster.local:9092" % n for n in (0, 1, 2)
)
SUJET = "INGESTION"

PROPRIETES = {
    "min.insync.replicas": "2",           # une panne d'un courtier ne nous arrête pas
    "retention.ms": str(7 * 86400 * 1000),  # une semaine
    "retention.bytes": str(1 << 30),      # 1 Gio par partition
}


def creer_sujet():
    admin = AdminClient({"bootstrap.servers": SERVEURS})
    while True:
        futurs = admin.create_topics([NewTopic(SUJET, num_partitions=6, replication_factor=3, config=PROPRIETES)])
        try:
            futurs[SUJET].result()
            print("Sujet %s créé" % SUJET)
            return
        except KafkaException as e:
            if e.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
                print("Sujet %s déjà là" % SUJET)
                return
            print("Pas encore possible (%s), nouvel essai dans 3 s" % e)
            time.sleep(3)


def recu(err, msg):
    if err:
        print("ECHEC capteur %s : %s" % (msg.key(), err))


def echantillon(capteur):
    return {
        "payload": json.dumps(
            {
                "sensor_id": capteur,
                "modality": random.randint(-999, 999),
                "unit": "MW",
                "temporal_aspect": "real_time",
            }
        ),
        "correlation_id": str(uuid.uuid4()),
        "created_at": time.time(),
        "schema_version": 1,
        "host": socket.gethostname(),
    }


def publier():
    producteur = Producer({"bootstrap.servers": SERVEURS, "enable.idempotence": True, "linger.ms": 20})
    tours = 0
    try:
        while True:
            for capteur in range(1, 7):
                valeur = json.dumps(echantillon(capteur))
                while True:
                    try:
                        producteur.produce(SUJET, key=str(capteur), value=valeur, on_delivery=recu)
                        break
                    except BufferError:
                        producteur.poll(1)  # la file est pleine, on attend
            producteur.poll(0)
            tours += 1
            if tours % 20 == 0:
                print("%d tours, %d messages en attente" % (tours, len(producteur)))
            time.sleep(0.8)
    except KeyboardInterrupt:
        print("Arrêt demandé")
    finally:
        producteur.flush(5)


creer_sujet()
publier()
