#!/bin/sh
# sqoop import is what I wanted
sqoop eval --connect jdbc:postgresql://postgresql:5432/employees --username root --password pwd1234 --query "SELECT * FROM employees"
