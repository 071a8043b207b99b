"""Prints the tides in the order of their time."""

import sys

import yaml

for tide in sorted(yaml.safe_load(open("/home/marit/tides.yaml")), key=lambda each: each["time"]):
    print(tide["time"], tide["height_m"])
