#!/bin/sh
sqoop import --connect jdbc:postgresql://postgresql:5432/employees --username root --password pwd1234 \
    --table employes --target-dir /employees --num-mappers 1
