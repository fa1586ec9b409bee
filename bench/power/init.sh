#!/bin/busybox sh
# shellcheck shell=dash
# From the kernel to the machine's own disk, mounted so that no file system makes up for a program that forgets to sync.
b=/bin/busybox
$b mount -t proc proc /proc || { $b mkdir -p /proc && $b mount -t proc proc /proc; }
$b mkdir -p /dev /new
$b mount -t devtmpfs dev /dev
for module in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk; do $b insmod /m/$module.ko; done
until [ -e /dev/vda ]; do $b sleep 0.1; done
$b mount -t ext4 -o noauto_da_alloc /dev/vda /new
exec $b switch_root /new /bin/sh /root/guest.sh
