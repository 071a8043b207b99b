import sys

from client import DEFAULT_CONSUMER, get_consumer, receive_msg_async


def main():
    group_id = sys.argv[1] if len(sys.argv) > 1 else DEFAULT_CONSUMER
    print(f"group_id={group_id}")
    receive_msg_async(get_consumer("INGESTION", group_id=group_id))


if __name__ == "__main__":
    main()
