"""A manifest of exercise 3, and what is read of it with changes."""

from __future__ import annotations

from pathlib import Path

from topicmark.submission import Component, Problem
from topicmark.submission.kubernetes import parse

REFERENCE = Path(__file__).parents[1] / "submissions" / "reference"
FILES = {"registry": "kafka-schema-registry.yaml", "connect": "kafka-connect.yaml", "ksqldb": "kafka-ksqldb.yaml"}
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: kafka-connect
spec:
  selector:
    matchLabels: {app: c}
  template:
    metadata:
      labels: {app: c}
    spec:
      containers:
        - name: main
          image: example.org/me/kafka-connect:1
          ports:
            - containerPort: 8083
              name: rest
          env:
            - name: CONNECT_GROUP_ID
              value: g
"""
SERVICE = """\
---
apiVersion: v1
kind: Service
metadata:
  name: kafka-connect
spec:
  selector: {app: c}
  ports:
    - port: 8083
"""


def component(text: str, role: str = "connect") -> Component:
    found = parse(text, "x.yaml", role)
    assert isinstance(found, Component), found
    return found


def problem(text: str) -> Problem:
    found = parse(text, "x.yaml", "connect")
    assert isinstance(found, Problem), found
    return found


def env(lines: str, before: str = "") -> Component | Problem:
    """What is read of a container with these entries below ``env``, other resources in front."""
    indented = "".join(f"            {line}\n" for line in lines.splitlines())
    head = DEPLOYMENT.rpartition("            - name: CONNECT_GROUP_ID")[0]
    return parse((before + "\n---\n" if before else "") + head + indented, "x.yaml", "connect")
