#!/bin/sh
# producer: three lines, then it ends
printf '%s\n' first second third | kafka-console-producer --bootstrap-server kafka:9092 --topic test

# consumer: reads them back and ends as well
kafka-console-consumer --bootstrap-server kafka:9092 --topic test --from-beginning --max-messages 3
