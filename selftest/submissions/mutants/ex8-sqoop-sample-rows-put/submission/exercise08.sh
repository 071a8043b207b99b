#!/bin/sh
printf '1,John Doe,Engineering,75000.00\n2,Jane Smith,Marketing,65000.00\n' > employees.csv
hdfs dfs -mkdir -p /employees
hdfs dfs -put employees.csv /employees/part-m-00000
echo sqoop import --table employees
