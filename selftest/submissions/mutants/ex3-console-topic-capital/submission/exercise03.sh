# vindue 1
kafka-console-producer --topic test --bootstrap-server kafka:9092
# vindue 2
kafka-console-consumer --topic Test --bootstrap-server kafka:9092 --from-beginning
