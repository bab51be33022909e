# SPDX-License-Identifier: Apache-2.0
# A small Debian package, and who builds it, for the tests that watch a real build; they source this file.
# They set $scratch, a folder of their own, and may set tracer, the words of a command that runs the builder's.

# The build has a user id of its own, one that no account has: so it is told from all else on the machine.
uid=61234
sources=12
tracer=()

# as_builder COMMAND...: as the build's own user, who owns nothing but the scratch directory.
as_builder() {
	"${tracer[@]}" env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$scratch/home" LC_ALL=C \
		TMPDIR="$scratch/home" setpriv --reuid "$uid" --regid "$uid" --clear-groups timeout 300 "$@"
}

# A source package with no build dependency but the compiler: a configure script that probes by compiling, a
# make file, and debian/rules without a helper.
write_package() {
	local dir=$1 i
	mkdir -p "$dir/debian/source" "$dir/src"
	cat >"$dir/configure" <<'C'
#!/bin/sh
# Probes as configure scripts do, one of the headers being missing.
for header in stdio.h stdlib.h string.h unistd.h no-such-header.h; do
	echo "#include <$header>" >conftest.c
	name=$(echo "$header" | tr a-z A-Z | sed 's/[^A-Z]/_/g')
	if ${CC:-cc} -c conftest.c 2>/dev/null; then
		echo "#define HAVE_$name 1"
	fi
done >config.h
echo 'int main(void) { return 0; }' >conftest.c
${CC:-cc} -o conftest conftest.c && ./conftest || exit 1
rm -f conftest*
C
	for i in $(seq "$sources"); do
		printf '#include "../config.h"\nint part_%d(void) { return 0; }\n' "$i" >"$dir/src/part$i.c"
	done
	echo 'int main(void) { return 0; }' >"$dir/src/main.c"
	cat >"$dir/Makefile" <<'M'
objects := $(patsubst %.c,%.o,$(sort $(wildcard src/*.c)))
small: $(objects)
	$(CC) -o $@ $^
install: small
	install -D -m 755 small $(DESTDIR)/usr/bin/small
	strip $(DESTDIR)/usr/bin/small
clean:
	rm -f small config.h $(objects)
M
	cat >"$dir/debian/rules" <<'R'
#!/usr/bin/make -f
tree := debian/small
clean:
	$(MAKE) clean
	rm -rf $(tree) debian/files
build build-arch build-indep:
	sh ./configure
	$(MAKE)
binary: binary-arch
binary-indep:
binary-arch: build
	mkdir -p $(tree)/DEBIAN
	$(MAKE) install DESTDIR=$(CURDIR)/$(tree)
	cd $(tree) && find usr -type f -exec md5sum {} + >DEBIAN/md5sums
	dpkg-gencontrol -psmall -P$(tree)
	dpkg-deb --root-owner-group --build $(tree) ..
.PHONY: clean build build-arch build-indep binary binary-arch binary-indep
R
	printf '3.0 (native)\n' >"$dir/debian/source/format"
	cat >"$dir/debian/changelog" <<'L'
small (1.0) unstable; urgency=low

  * Made for a test.

 -- A Tester <tester@example.org>  Thu, 01 Jan 2026 00:00:00 +0000
L
	cat >"$dir/debian/control" <<'K'
Source: small
Section: misc
Priority: optional
Maintainer: A Tester <tester@example.org>
Standards-Version: 4.6.2
Rules-Requires-Root: no

Package: small
Architecture: any
Description: small package
 Made for a test.
K
	chmod 755 "$dir/configure" "$dir/debian/rules"
}

# Hands the builder its home, with all that was written there.
give_home() {
	chmod 755 "$scratch"
	chown -R "$uid:$uid" "$scratch/home"
}
