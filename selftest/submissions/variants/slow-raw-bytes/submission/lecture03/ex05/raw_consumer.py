# -*- coding: utf-8 -*-
#
#   raw_consumer.py - dumps INGESTION
#
#   usage: raw_consumer.py [-g GROUP | --group=GROUP]
#
import getopt, sys

from kafka import KafkaConsumer


def usage():
    print("usage: raw_consumer.py [-g GROUP | --group=GROUP]")


def main(argv):
    group = "raw-dump"
    try:
        opts, rest = getopt.getopt(argv, "hg:", ["help", "group="])
    except getopt.GetoptError as err:
        print(err)
        usage()
        return 2
    for opt, value in opts:
        if opt in ("-h", "--help"):
            usage()
            return 0
        if opt in ("-g", "--group"):
            group = value

    print("group id:", group)
    consumer = KafkaConsumer("INGESTION", bootstrap_servers="kafka:9092", group_id=group,
                             auto_offset_reset="earliest", auto_commit_interval_ms=500)
    try:
        for message in consumer:
            print(message.value)
    except KeyboardInterrupt:
        pass
    consumer.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
