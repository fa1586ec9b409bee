#!/bin/sh
# Runs inside a copy of a stock root: Python is all that Ansible needs on its hosts.
set -eu
command -v python3
