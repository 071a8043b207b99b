# coding: utf-7
+AAoACg-import os
