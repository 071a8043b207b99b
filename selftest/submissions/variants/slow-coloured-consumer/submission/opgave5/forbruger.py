"""python forbruger.py --gruppe NAVN

En langsom forbruger: der er "tungt arbejde" (20 ms) ved hver post.
"""
import argparse
import json
import time

from kafka import KafkaConsumer

GRAA, GUL, CYAN, SLUT = "\033[90m", "\033[1;33m", "\033[36m", "\033[0m"


def farvelagt(post):
    # nøglerne grå, tal gule, alt andet cyan
    dele = []
    for navn, vaerdi in post.items():
        farve = GUL if isinstance(vaerdi, (int, float)) else CYAN
        dele.append(f"{GRAA}{navn}{SLUT}={farve}{vaerdi}{SLUT}")
    return " ".join(dele)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--gruppe", default="langsomme-forbrugere", help="navnet på forbrugergruppen")
    gruppe = ap.parse_args().gruppe
    print(f"{CYAN}Gruppe:{SLUT} {gruppe}")

    forbruger = KafkaConsumer(
        "INGESTION",
        bootstrap_servers=["kafka:9092"],
        group_id=gruppe,
        auto_offset_reset="earliest",
        max_poll_records=50,
        auto_commit_interval_ms=1000,
    )
    try:
        for besked in forbruger:
            post = json.loads(besked.value.decode("utf-8"))
            time.sleep(0.02)
            print(f"{GRAA}[{besked.partition}:{besked.offset}]{SLUT}", farvelagt(post), flush=True)
    except KeyboardInterrupt:
        print("Stopper ...")
    finally:
        forbruger.close()


if __name__ == "__main__":
    main()
