#!/bin/sh
# Runs inside a copy of a root of kind lived-in: logs are rotated when a test says so.
set -eu
systemctl disable logrotate.timer
# Only where there is no systemd does the collector ask cron.
systemctl disable cron
