#!/bin/bash
cd "$(dirname "$0")"
curl -X POST http://localhost:8083/connectors -H "Content-Type: application/json" --data @configs/hdfs2.json
