# -*- coding: nothing-like-this -*-
x = 1
