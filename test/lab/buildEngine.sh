#!/bin/sh
# Build Pulumi's engine and its Node language host from Go modules: buildEngine.sh TARGET_DIR
set -eu

target=${1:?target directory}
engine=v3.274.1
# Later ones are a module of their own, which no module proxy serves; this one works with that engine.
language_host=v3.68.0
toolchain=v0.0.1-go1.26.6

say() { printf 'lab: engine: %s\n' "$*" >&2; }

[ -d "$target" ] && exit 0
part=$target.part
rm -rf "$part"
mkdir -p "$part/bin"

# Before 1.21, Go can't fetch a newer Go by itself, but the newer one is a module like any other.
if [ "$(go env GOVERSION | sed -n 's/^go1\.\([0-9]*\).*/\1/p')" -lt 21 ]; then
	say "fetching a newer Go"
	dir=$(cd "$part" && go mod download -json "golang.org/toolchain@$toolchain.$(go env GOOS)-$(go env GOARCH)" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)".*/\1/p')
	[ -n "$dir" ]
	# Files of a module are not executable.
	cp -r "$dir" "$part/go"
	chmod -R u+w "$part/go"
	chmod 755 "$part"/go/bin/* "$part"/go/pkg/tool/*/*
	PATH=$part/go/bin:$PATH
	unset GOROOT
fi
export GOTOOLCHAIN=auto GOFLAGS=-buildvcs=false GOWORK=off

as_it_is() { program=$1; }

# Programs then talk to the engine itself: between them this one passes on only the calls that it knows.
past_the_proxy() {
	dir=$(go list -f '{{.Dir}}' "$1")
	cp "$dir"/main.go "$dir"/proxy*.go .
	chmod u+w ./*.go
	sed -i 's/fmt\.Sprintf("127\.0\.0\.1:%d", handle\.Port)/req.GetMonitorAddress()/' main.go
	program=.
	grep -q 'req.GetMonitorAddress(), pipes' main.go
}

build() {
	say "building ${1##*/} $2 (some minutes the first time)"
	mkdir "$part/${1##*/}"
	if ! (
		cd "$part/${1##*/}"
		go mod init lab.test/build
		go get "$1@$2"
		"$4" "$1" || exit 1
		go build -ldflags "$3" -o "$part/bin/${1##*/}" "$program"
	) >"$part/log" 2>&1; then
		tail -n 20 "$part/log" >&2
		exit 1
	fi
}
build github.com/pulumi/pulumi/pkg/v3/cmd/pulumi "$engine" \
	"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$engine" as_it_is
build github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs "$language_host" '-s -w' past_the_proxy

mv "$part/bin" "$target"
rm -rf "$part"
say ready
