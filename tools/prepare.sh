#!/bin/sh
# Set up what a run needs, then run it: prepare.sh test|demo
# What takes long is kept in the cache, outside the checkout, and made once.
set -eu

cd "$(dirname "$0")/.."
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mailhost
purpose=${1:-}
export XDG_CACHE_HOME="${XDG_CACHE_HOME:-$HOME/.cache}"

say() { printf 'prepare: %s\n' "$*" >&2; }

# Each program that a run needs, and the Debian package that has it.
packages() {
	cat <<-'END'
		debootstrap debootstrap
		systemd-nspawn systemd-container
		ip iproute2
		flock util-linux
		nsenter util-linux
		ps procps
		openssl openssl
		ssh openssh-client
		shellcheck shellcheck
		shfmt shfmt
		busybox busybox-static
		gawk gawk
		mawk mawk
	END
}

# What stands in the way of real hosts on this machine; nothing, where all can run.
obstacle() {
	if [ "$(uname -s)" != Linux ]; then
		echo 'this is not Linux'
	elif [ "$(id -u)" != 0 ]; then
		echo 'this is not root'
	elif ! unshare --mount --net --uts true 2>/dev/null; then
		echo 'this machine may not make namespaces'
	elif [ -n "$(missing)" ] && ! command -v apt-get >/dev/null; then
		echo "there is no apt-get to install what is missing: $(missing)"
	fi
}

# A cached engine needs no Go any more.
needs_go() {
	! command -v go >/dev/null && ! command -v pulumi >/dev/null && ! ls -d "$cache"/engine-*/ >/dev/null 2>&1
}

missing() {
	packages | while read -r program package; do
		command -v "$program" >/dev/null || echo "$package"
	done
	[ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
	[ -e "$cache/sslyze/ready" ] || /usr/bin/python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
	# The demo opens no page.
	[ "$purpose" = demo ] || command -v chromium >/dev/null || echo chromium
	! needs_go || echo golang-go
}

install_packages() {
	wanted=$(missing | sort -u | tr '\n' ' ')
	[ -n "$wanted" ] || return 0
	say "installing Debian packages: $wanted"
	export DEBIAN_FRONTEND=noninteractive
	log=$cache/apt.log
	# shellcheck disable=SC2086
	if ! {
		apt-get -q -o DPkg::Lock::Timeout=600 update &&
			apt-get -qy -o DPkg::Lock::Timeout=600 --no-install-recommends install $wanted
	} >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		exit 1
	fi
}

# An npm that runs on an old Node leaves out the native parts of packages that want a newer one; so both come newer first.
new_enough_npm() {
	! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) ? 0 : 1)' || return 0
	version=$(node -p 'require("./package-lock.json").packages["node_modules/node"].version')
	tools=$cache/node-$version
	if [ ! -e "$tools/ready" ]; then
		say "fetching Node $version, because this machine's is $(node --version)"
		rm -rf "$tools"
		mkdir -p "$tools"
		# Newer npms ask here, and not on the command line, whose install scripts may run.
		echo '{ "private": true, "allowScripts": { "node": true } }' >"$tools/package.json"
		npm install --prefix "$tools" --no-save --no-audit --no-fund --loglevel=error "node@$version" npm@11 >&2
		touch "$tools/ready"
	fi
	PATH=$tools/node_modules/.bin:$PATH
}

# npm writes that file last, so an interrupted installation is done again. It also brings the Node that runs all the rest.
install_modules() {
	if [ ! -e node_modules/.package-lock.json ] || [ -n "$(find package-lock.json -newer node_modules/.package-lock.json)" ]; then
		new_enough_npm
		say 'npm ci'
		npm ci --no-audit --no-fund --loglevel=error >&2
	fi
	if ! node_modules/.bin/node --version >/dev/null 2>&1; then
		say 'node_modules has no working node; is npm told to run no install scripts?'
		exit 1
	fi
}

# One at a time; a second run waits here and then finds all of it done.
locked() {
	if ! command -v flock >/dev/null; then
		"$@"
		return
	fi
	(
		flock --nonblock 9 || {
			say 'another run is setting up; waiting for it'
			flock 9
		}
		"$@" 9>&-
	) 9>"$cache/prepare.lock"
}

# The last line is read by scripts; without a report of tests there still is one.
no_tests() {
	say "$1"
	echo '0 passed, 1 failed'
	exit 1
}

run_tests() {
	npm run --silent build >&2 || no_tests 'the build failed'
	export FAILED_CHECKS=0
	sh tools/check.sh >&2 || FAILED_CHECKS=1
	# In this shell's place, so that ctrl-C reaches it and its last line stays the last.
	exec vitest run "$@"
}

mkdir -p "$cache"
why=$(obstacle)
locked install_modules
PATH=$PWD/node_modules/.bin:$PATH
export PATH

case $purpose in
test)
	if [ -n "$why" ]; then
		say "no real hosts: $why. A full run needs Linux, root and Debian's package manager."
		say 'Running what needs none of them: the checks and the unit tests.'
		run_tests --project unit
	fi
	locked install_packages
	node test/lab/cli.ts prepare all || no_tests 'the set-up failed'
	run_tests
	;;
demo)
	if [ -n "$why" ]; then
		say "the demo boots a real mail host, and can't here: $why. It needs Linux, root and Debian's package manager."
		say 'What runs here: npm test, with the checks and the unit tests.'
		exit 1
	fi
	locked install_packages
	node test/lab/cli.ts prepare demo
	npm run --silent build >&2
	exec node test/demo/demo.ts
	;;
*)
	echo 'usage: prepare.sh test|demo' >&2
	exit 2
	;;
esac
