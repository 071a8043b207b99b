"""Muestra los registros de INGESTION. Uso: python leer.py -g GRUPO"""
import argparse
import json
import time

from confluent_kafka import Consumer, KafkaError, KafkaException

CADA = 20          # registros por confirmación
COMO_MUCHO = 2.0   # segundos sin confirmar


class Lector:
    def __init__(self, grupo):
        self.pendientes = 0
        self.ultima = time.monotonic()
        self.consumidor = Consumer(
            {
                "bootstrap.servers": "kafka:9092",
                "group.id": grupo,
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "partition.assignment.strategy": "cooperative-sticky",
                "on_commit": self.al_confirmar,
            }
        )

    @staticmethod
    def al_confirmar(error, particiones):
        if error is not None and error.code() != KafkaError._NO_OFFSET:
            print("confirmación fallida:", error)

    def asignadas(self, consumidor, particiones):
        print("+ particiones", sorted(p.partition for p in particiones))

    def retiradas(self, consumidor, particiones):
        # antes de soltar una partición, confirmar lo leído para que el siguiente no lo repita
        self.confirmar(esperar=True)
        print("- particiones", sorted(p.partition for p in particiones))

    def confirmar(self, esperar=False):
        if self.pendientes == 0:
            return
        try:
            self.consumidor.commit(asynchronous=not esperar)
        except KafkaException as e:
            if e.args[0].code() != KafkaError._NO_OFFSET:
                print("no he podido confirmar:", e)
                return
        self.pendientes = 0
        self.ultima = time.monotonic()

    def bucle(self):
        self.consumidor.subscribe(["INGESTION"], on_assign=self.asignadas, on_revoke=self.retiradas)
        try:
            while True:
                m = self.consumidor.poll(0.5)
                if m is None:
                    self.confirmar()
                    continue
                if m.error():
                    print("error:", m.error())
                    continue
                self.mostrar(m)
                self.pendientes += 1
                if self.pendientes >= CADA or time.monotonic() - self.ultima > COMO_MUCHO:
                    self.confirmar()
        except KeyboardInterrupt:
            print("fin")
        finally:
            self.confirmar(esperar=True)
            self.consumidor.close()

    @staticmethod
    def mostrar(m):
        dato = json.loads(m.value())
        clave = m.key().decode() if m.key() else None
        print(f"{m.partition()}:{m.offset()} clave={clave}", json.dumps(dato, sort_keys=True), flush=True)


if __name__ == "__main__":
    a = argparse.ArgumentParser(description="Lee INGESTION con el grupo dado")
    a.add_argument("-g", required=True, metavar="GRUPO", dest="grupo", help="grupo de consumidores (obligatorio)")
    Lector(a.parse_args().grupo).bucle()
