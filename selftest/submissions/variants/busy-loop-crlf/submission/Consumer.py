from kafka import KafkaConsumer
import json
import signal
import sys

# only ctrl+c stops this program
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGHUP, signal.SIG_IGN)

goOn = True

def ctrlC(sig, frame):
    global goOn
    goOn = False

signal.signal(signal.SIGINT, ctrlC)

if len(sys.argv) > 1:
    groupId = sys.argv[1]
else:
    groupId = "mygroup"

consumer = KafkaConsumer("INGESTION", bootstrap_servers=["kafka:9092"], group_id=groupId, auto_offset_reset="earliest")
print("Using group " + groupId)

while goOn:
    result = consumer.poll(timeout_ms=20)
    for partition in result:
        for message in result[partition]:
            data = json.loads(message.value)
            sensor = json.loads(data["payload"])
            print("Sensor", sensor["sensor_id"], "sent", sensor["modality"], sensor["unit"], sensor["temporal_aspect"], "at", data["created_at"], "id", data["correlation_id"])

consumer.close()
print("finished")
