#!/bin/sh -e
curl -i -X POST -H 'Content-Type: application/json' --data body.json http://kafka-connect:8083/connectors
