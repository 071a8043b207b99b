"""More topics than anybody wants."""

from confluent_kafka.admin import AdminClient, NewTopic

admin = AdminClient({"bootstrap.servers": "kafka:9092"})
for start in range(0, 5000, 50):
    made = admin.create_topics([NewTopic(f"x-{number}-{'y' * 200}", 100, 3) for number in range(start, start + 50)], operation_timeout=5, request_timeout=10)
    for future in made.values():
        try:
            future.result()
        except Exception as error:
            print(error)
