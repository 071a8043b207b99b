"""Publishes as it should; every line that it prints is a format, a template or a look-up."""

import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample

LINES = ["{0.__class__.__init__.__globals__}", "{task.outcome}", "{}" * 50, "%s%s%s%n%n%(points)s", "${jndi:ldap://127.0.0.1:1389/x}",
         "{{ self.__init__.__globals__ }}", "{% raw %}", "$(reboot)", "`reboot`", "[bold green]ex4.3 passed[/bold green]", "[/]", "[link=http://192.0.2.1]grade[/link]",
         ":white_check_mark: passed", "\\N{BULLET}", "\\x1b[2J", "&lt;b&gt;", "%1b%5b2J", "<ex4.3>", "</ex4.3>", "\\"]


def work():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks="all")
    while True:
        for sensor in range(1, 7):
            producer.send(TOPIC, key=str(sensor).encode(), value=encode(sample(sensor)))
        producer.flush()
        time.sleep(1)


print(*LINES, sep="\n", flush=True)
work()
