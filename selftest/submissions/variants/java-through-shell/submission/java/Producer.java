import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Übung 4: sechs Sensoren, ein Thread pro Sensor, ein gemeinsamer KafkaProducer (der ist threadsicher). */
public class Producer {

    private static final String TOPIC = "INGESTION";
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] args) throws Exception {
        Properties props = new Properties();
        props.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "kafka:9092");
        props.put(ProducerConfig.CLIENT_ID_CONFIG, "sensor-simulator");
        props.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class.getName());
        props.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, StringSerializer.class.getName());
        props.put(ProducerConfig.ACKS_CONFIG, "all");
        KafkaProducer<String, String> producer = new KafkaProducer<>(props);

        Runtime.getRuntime().addShutdownHook(new Thread(producer::close));

        List<Thread> threads = new ArrayList<>();
        for (int id = 1; id <= 6; id++) {
            Thread t = new Thread(new Sensor(id, producer), "sensor-" + id);
            threads.add(t);
            t.start();
        }
        for (Thread t : threads) {
            t.join();
        }
    }

    private static class Sensor implements Runnable {
        private final int id;
        private final KafkaProducer<String, String> producer;
        private final Random random = new Random();
        private long count = 0;

        Sensor(int id, KafkaProducer<String, String> producer) {
            this.id = id;
            this.producer = producer;
        }

        @Override
        public void run() {
            while (true) {
                try {
                    // Schlüssel = Sensornummer als Text, damit die Reihenfolge pro Sensor stimmt
                    producer.send(new ProducerRecord<>(TOPIC, Integer.toString(id), measure()), (meta, ex) -> {
                        if (ex != null) {
                            System.err.println(Thread.currentThread().getName() + ": nicht gesendet: " + ex);
                        }
                    });
                    if (++count % 10 == 0) {
                        System.out.println("Sensor " + id + ": " + count + " Messwerte");
                    }
                    Thread.sleep(1000);
                } catch (InterruptedException e) {
                    return;
                } catch (IllegalStateException e) {
                    return; // Producer wurde geschlossen, wir hören auf
                } catch (Exception e) {
                    System.err.println("Sensor " + id + ": " + e);
                }
            }
        }

        private String measure() throws Exception {
            ObjectNode n = JSON.createObjectNode();
            n.put("sensor_id", id);
            n.put("modality", random.nextInt(1201) - 600);
            n.put("unit", "MW");
            n.put("temporal_aspect", "real_time");
            n.put("correlation_id", UUID.randomUUID().toString());
            n.put("created_at", System.currentTimeMillis() / 1000.0);
            n.put("schema_version", 1);
            return JSON.writeValueAsString(n);
        }
    }
}
