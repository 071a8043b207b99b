#!/usr/bin/env bash
# PUT, saa scriptet kan koeres flere gange
curl -sX PUT localhost:8083/connectors/hdfs-sink/config -H 'Content-Type: application/json' -d @sink.json
curl -s localhost:8083/connectors
