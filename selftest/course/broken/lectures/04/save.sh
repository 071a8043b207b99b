#!/bin/sh
kubectl cp "$1:/var/lib/kafka/data" "./saved-$1"
