import sys

from client import DEFAULT_GROUP, connect_consumer
from data_model import read_package


def main():
    group_id = DEFAULT_GROUP
    if len(sys.argv) > 1:
        group_id = sys.argv[1]
    print(f"group_id={group_id}")

    consumer = connect_consumer(group_id)
    try:
        for message in consumer:
            print(read_package(message.value))
    except KeyboardInterrupt:
        print("bye")
    finally:
        consumer.close()


main()
