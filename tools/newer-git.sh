#!/bin/sh
# A newer Git than the system's, for tests of formats that the system's does not know (reftable):
#
#   sh tools/newer-git.sh DIRECTORY     makes DIRECTORY/bin/git; nothing to do when it is there
#
# From packages of a later Debian, taken from the mirror that the system itself uses, and unpacked beside their own C
# library: nothing is installed, no list or source of the system is touched. Exit code 1, with a line that says why, where
# there is no such package.
set -e
suite=trixie

dir=$1
[ -n "$dir" ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 129; }
fail() {
  echo "no newer git: $*" >&2
  exit 1
}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd -P)
[ -x "$dir/bin/git" ] && exit 0
for program in apt-get dpkg timeout; do
  command -v $program >/dev/null || fail "there is no $program"
done

# The mirror of the system's own release, and the keys it is checked with.
. /etc/os-release
mirror=$(apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 2>/dev/null |
  awk -v release="$VERSION_CODENAME" '$2 == release && $3 == "main" {print $1; exit}')
[ -n "$mirror" ] || mirror=$(sed -n 's/^URIs: *//p; s/^deb  *\(\[[^]]*\] *\)\{0,1\}\([^ ]*\).*/\2/p' \
  /etc/apt/sources.list /etc/apt/sources.list.d/*debian* 2>/dev/null | head -n 1)
[ "$ID" = debian ] && [ -n "$mirror" ] || fail 'this is no Debian with a mirror'
keys=/usr/share/keyrings/debian-archive-keyring.gpg

work=$dir/work
rm -rf "$work" "$dir/root" "$dir/core" "$dir/as" "$dir/bin"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/debs" "$dir/root"
echo "deb [signed-by=$keys] $mirror $suite main" >"$work/sources"
: >"$work/status"
cat >"$work/conf" <<END
Dir::Etc::sourcelist "$work/sources";
Dir::Etc::sourceparts "-";
Dir::State "$work";
Dir::State::lists "$work/lists";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
APT::Sandbox::User "";
END
apt() {
  APT_CONFIG=$work/conf timeout 120 apt-get -qq "$@" >"$work/log" 2>&1 || fail "$(tail -n 1 "$work/log")"
}
apt update
(cd "$work/debs" && apt download git libc6 libpcre2-8-0 zlib1g)
for package in "$work"/debs/*.deb; do
  dpkg -x "$package" "$dir/root"
done

# Git starts its parts by name: each is a link to one script, which runs the real one with the libraries it came with.
loader=$(find "$dir/root/usr/lib" "$dir/root/lib" -name 'ld-linux*.so*' 2>/dev/null | head -n 1)
[ -n "$loader" ] || fail 'its C library is not where it is looked for'
# Who looks at the running process is to find that it is called git.
mkdir "$dir/core" "$dir/as"
ln -s "$loader" "$dir/as/git"
cat >"$dir/core/git" <<END
#!/bin/sh
name=\${0##*/}
GIT_EXEC_PATH='$dir/core'
export GIT_EXEC_PATH
real='$dir/root/usr/lib/git-core'/\$name
[ ! -L "\$real" ] && [ -x "\$real" ] || real='$dir/root/usr/lib/git-core/git'
exec '$dir/as/git' --argv0 "\$name" --library-path '${loader%/*}' "\$real" "\$@"
END
chmod +x "$dir/core/git"
for part in "$dir"/root/usr/lib/git-core/*; do
  name=${part##*/}
  [ "$name" != git ] || continue
  if [ -d "$part" ] || [ "$(head -c 4 "$part" | tail -c 3)" != ELF ]; then
    cp -r "$part" "$dir/core/$name"
  else
    ln -s git "$dir/core/$name"
  fi
done
"$dir/core/git" --version >/dev/null 2>&1 || fail 'it does not run here'
mkdir "$work/bin"
for name in git git-receive-pack git-upload-pack git-upload-archive; do
  ln -s "../core/$name" "$work/bin/$name"
done
mv "$work/bin" "$dir/bin"
