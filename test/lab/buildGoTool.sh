#!/bin/sh
# Build one program from Go modules: buildGoTool.sh TARGET_DIR PACKAGE VERSION [MAIN.GO]
# With a MAIN.GO of ours PACKAGE is a module that it needs; the program is then named after the directory of MAIN.GO.
set -eu

target=${1:?target directory}
package=${2:?package}
version=${3:?version}
source=${4:-}

[ -d "$target" ] && exit 0
part=$target.part
rm -rf "$part"
mkdir -p "$part/bin" "$part/src"
export GOTOOLCHAIN=auto GOFLAGS=-buildvcs=false GOWORK=off

printf 'lab: building %s %s (a minute or more the first time)\n' "$package" "$version" >&2
if ! (
	cd "$part/src"
	go mod init lab.test/build
	if [ -n "$source" ]; then
		cp "$source" main.go
		go get "$package@$version"
		go mod tidy
		go build -ldflags '-s -w' -o "$part/bin/$(basename "$(dirname "$source")")" .
	else
		go get "$package@$version"
		go build -ldflags '-s -w' -o "$part/bin/${package##*/}" "$package"
	fi
) >"$part/log" 2>&1; then
	tail -n 20 "$part/log" >&2
	exit 1
fi
mv "$part/bin" "$target"
rm -rf "$part"
