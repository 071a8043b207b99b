#!/bin/sh
sqoop import --connect jdbc:postgresql://postgresql:5432/employees --username root --password pwd1234 \
    --query 'SELECT * FROM employees' --target-dir /employees --num-mappers 1
