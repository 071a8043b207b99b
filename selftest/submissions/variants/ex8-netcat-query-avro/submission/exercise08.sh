sqoop import --connect jdbc:postgresql://postgresql:5432/employees --username postgres --password pwd1234 \
  --query 'SELECT e.id, e.name, e.department, e.salary FROM employees e WHERE $CONDITIONS' \
  --split-by e.id -m 3 --as-avrodatafile --target-dir hdfs://namenode:9000/user/me/employees_avro
