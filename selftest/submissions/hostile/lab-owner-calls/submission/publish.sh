java -Xmx128m Wreck.java &
exec python producer.py
