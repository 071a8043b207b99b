#!/bin/bash
set -e
kubectl exec -i postgresql-0 -- psql -U root employees <<SQL
CREATE TABLE employees (id SERIAL PRIMARY KEY, name VARCHAR(100), department VARCHAR(50), salary NUMERIC(10,2));
INSERT INTO employees (name, department, salary) VALUES ('John Doe', 'Engineering', 75000.00);
SQL
hdfs dfs -fs hdfs://namenode:9000 -rm -r -f /employees
sqoop import --connect jdbc:postgresql://postgresql:5432/employees --username root -P --table employees --target-dir /employees -m 1
hdfs dfs -fs hdfs://namenode:9000 -cat /employees/part-m-00000
