import sys

from client import DEFAULT_CONSUMER, make_consumer


def main(group_id):
    print(f"group_id={group_id}")
    consumer = make_consumer(group_id)
    try:
        for record in consumer:
            print(record.value)
    except KeyboardInterrupt:
        print("bye")
    finally:
        consumer.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else DEFAULT_CONSUMER)
