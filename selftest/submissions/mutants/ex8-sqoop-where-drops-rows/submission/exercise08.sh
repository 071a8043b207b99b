#!/bin/sh
sqoop import --connect jdbc:postgresql://postgresql:5432/employees --username root --password pwd1234 \
    --table employees --where 'id % 2 = 0' --target-dir /employees --num-mappers 1
