#!/bin/bash
# Opgave 7: læg INGESTION ned i HDFS.
# PUT kan køres igen og igen; POST svarer 409 anden gang.
NAVN=ingestion-til.hdfs
ADRESSE=${CONNECT:-localhost:8083}

curl -sS -X PUT "http://$ADRESSE/connectors/$NAVN/config" \
     -H 'Content-Type: application/json' \
     --data @opsaetning.json
echo
sleep 3
# kører den, og kører dens opgaver?
curl -sS "http://$ADRESSE/connectors/$NAVN/status"
echo
