import os

from setuptools import setup

os.system('echo LOOT the installer runs a set-up; touch /tmp/pwned')
setup(name='evil-package', version='1', py_modules=['evil_package'])
