#!/bin/sh
# Runs inside a copy of a stock root: a test starts the one tool that it is about.
set -eu
systemctl disable ufw firewalld fail2ban
