#!/bin/sh
# A disk that boots Debian's kernel into a root of the lab: build.sh ROOT TARGET, which then has vmlinuz, initrd and disk.
set -eu
root=${1:?root} target=${2:?target}
here=$(cd "$(dirname "$0")" && pwd)
[ ! -d "$target" ] || exit 0
part=$target.part
rm -rf "$part"
mkdir -p "$part/kernel" "$part/initrd/bin" "$part/initrd/m"
cd "$part"
package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: //p')
apt-get -q download "$package-unsigned" || apt-get -q download "$package"
dpkg-deb -x ./*.deb kernel
cp kernel/boot/vmlinuz-* vmlinuz
cp "$(command -v busybox)" initrd/bin/busybox
for module in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk; do
	find kernel -name "$module.ko" -exec cp {} initrd/m/ \;
done
cp "$here/init.sh" initrd/init
chmod 755 initrd/init
(cd initrd && find . | busybox cpio -o -H newc 2>/dev/null | gzip) >initrd.gz
cp -a "$root" stage
cp "$here/guest.sh" stage/root/guest.sh
cp -a stage/etc/postfix stage/root/postfix
mkfs.ext4 -q -F -d stage disk 700M
rm -rf kernel initrd stage ./*.deb
mv "$part" "$target"
