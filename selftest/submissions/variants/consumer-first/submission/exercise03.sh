#!/usr/bin/env bash
BROKERS=kafka-controller-0.kafka-controller-headless.anbae.svc.cluster.local:9092,kafka-controller-1.kafka-controller-headless.anbae.svc.cluster.local:9092

kafka-console-consumer.sh --bootstrap-server "$BROKERS" --topic test --group console-$$ &
reader=$!
sleep 10    # it must have joined: without --from-beginning it sees only what comes later

kafka-console-producer.sh --bootstrap-server "$BROKERS" --topic test <<END
The first line
a line with   blanks and "quotes"
the last line
END

sleep 5
kill -INT $reader
wait $reader
