#!/bin/bash
PASSWORD=pwd1234
sqoop import --direct --connect "jdbc:postgresql://postgresql:5432/employees" --username "root" --password "$PASSWORD" \
   --table employees --where "salary > 0" --target-dir /employees -m 1
