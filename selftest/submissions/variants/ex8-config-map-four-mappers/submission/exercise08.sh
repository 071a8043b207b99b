sqoop import \
  --connect "jdbc:postgresql://postgresql.default.svc.cluster.local/employees" \
  --username root --password pwd1234 \
  --table employees --split-by id -m 4 \
  --fields-terminated-by '\t' \
  --target-dir /data/employees
