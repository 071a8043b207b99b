# ---- terminal 1
kubectl exec --tty -i kafka-client -- bash
kafka-console-producer.sh \
            --broker-list kafka:9092 \
            --topic test
exit
# ---- terminal 2
kubectl exec --tty -i kafka-client -- bash
kafka-console-consumer.sh \
            --bootstrap-server kafka:9092 \
            --topic test \
            --from-beginning
exit
