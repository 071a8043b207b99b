# -*- coding: utf-8 -*-
#
#   slow_producer.py - six sensors, each one reports every 4.5 seconds
#
import itertools, json, random, time, uuid

from kafka import KafkaProducer

PERIOD = 4.5
SENSORS = (1, 2, 3, 4, 5, 6)
STATION = "Nørre Å"


def payload_of(sensor):
    # payload is text, ksqlDB wants it that way (exercise 6)
    return json.dumps(dict(sensor_id=sensor,
                           modality=random.randint(-600, 600),
                           unit="MW",
                           temporal_aspect="real_time"))


def envelope_of(sensor):
    return json.dumps(dict(payload=payload_of(sensor),
                           correlation_id=str(uuid.uuid4()),
                           created_at=time.time(),
                           schema_version=1,
                           station=STATION), ensure_ascii=False)


def main():
    producer = KafkaProducer(bootstrap_servers="kafka:9092", acks="all", client_id="slow-sensors")
    # one after the other: when all six had their turn, 4.5 seconds are over
    for turn, sensor in enumerate(itertools.cycle(SENSORS)):
        try:
            producer.send("INGESTION",
                          key=b"%d" % sensor,
                          value=envelope_of(sensor).encode("utf-8"))
        except Exception as oops:
            print("lost a sample of sensor", sensor, "because of", repr(oops))
        if turn % 60 == 59:
            print("sent", turn + 1, "records")
        time.sleep(PERIOD / len(SENSORS))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print()
