#!/usr/bin/env python3
"""usage: sensor_consumer.py [--group NAME]

Shows what arrives in INGESTION together with where it came from.
"""
import json
from optparse import OptionParser

from kafka import ConsumerRebalanceListener, KafkaConsumer
import settings


class PrintAssignment(ConsumerRebalanceListener):
    def __init__(self, consumer):
        self.consumer = consumer

    def on_partitions_revoked(self, revoked):
        print('-- revoked:', sorted(tp.partition for tp in revoked))

    def on_partitions_assigned(self, assigned):
        if assigned:
            print('-- assigned:', sorted(tp.partition for tp in assigned))
        else:
            print('-- assigned: nothing, I am one consumer too many')


def parse():
    parser = OptionParser(usage=__doc__)
    parser.add_option('--group', dest='group', default='console', metavar='NAME', help='consumer group [%default]')
    opts, rest = parser.parse_args()
    if rest:
        parser.error('unexpected argument %s' % rest[0])
    return opts


def connect(group):
    c = KafkaConsumer(bootstrap_servers=settings.BROKERS, group_id=group,
                      auto_offset_reset='earliest', auto_commit_interval_ms=1000)
    c.subscribe([settings.TOPIC], listener=PrintAssignment(c))
    return c


def show(rec):
    out = {
        'received': json.loads(rec.value),
        'meta': {
            'partition': rec.partition,
            'offset': rec.offset,
            'timestamp': rec.timestamp,
            'key': rec.key.decode('utf-8', 'replace') if rec.key is not None else None,
        },
    }
    print(json.dumps(out, indent=2))


def run(consumer):
    try:
        while True:
            batch = consumer.poll(timeout_ms=500)
            for tp in sorted(batch, key=lambda tp: tp.partition):
                for rec in batch[tp]:
                    show(rec)
    except KeyboardInterrupt:
        print('-- interrupted')
    finally:
        consumer.close()


if __name__ == '__main__':
    run(connect(parse().group))
