# The ledger over real servers on the loopback: git daemon, smart HTTP behind lighttpd, sshd.
. "$(dirname "$0")/../lib.sh"

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
# exchange URL NAME: two clones of the remote meet through it.
exchange() {
  git clone -q "$1" "$2-one" && git clone -q "$1" "$2-two"
  (cd "$2-one" && git agent-task add "Over $2" --slug "over-$2" >/dev/null && expect 0 git agent-sync)
  (cd "$2-two" && expect 0 git agent-sync && git agent-task show "over-$2" >/dev/null)
  GIT_AGENT_NAME=two git -C "$2-two" agent-task claim "over-$2"
  git -C "$2-two" agent-sync && git -C "$2-one" agent-sync
  test "$(git -C "$2-one" rev-parse refs/agent/ledger)" = "$(git -C "$2-two" rev-parse refs/agent/ledger)"
  test "$(git -C "$2-one" agent-task show "over-$2" --json | json - "d[\"data\"][\"task\"][\"claim\"][\"agent\"]")" = two
}
hub() {
  git init -q --bare "$1"
  git -C "$1" config http.receivepack true
  new_repo "$1.seed" && git -C "$1.seed" push -q "../$1" main
}

t 'git daemon' '
  mkdir daemon && cd daemon && hub hub.git && cd ..
  port=$(free_port)
  git daemon --reuseaddr --listen=127.0.0.1 --port="$port" --base-path="$PWD/daemon" --export-all --enable=receive-pack \
    --pid-file="$PWD/daemon.pid" "$PWD/daemon" >daemon.log 2>&1 &
  wait_until 10 git ls-remote -q "git://127.0.0.1:$port/hub.git"
  exchange "git://127.0.0.1:$port/hub.git" daemon; code=$?
  kill "$(cat daemon.pid)"
  return $code
'

skip_unless 'command -v lighttpd' 'lighttpd is not installed'
t 'smart HTTP: git http-backend behind lighttpd' '
  mkdir www && cd www && hub hub.git && cd ..
  port=$(free_port)
  cat >lighttpd.conf <<END
server.document-root = "$PWD/www"
server.port = $port
server.bind = "127.0.0.1"
server.pid-file = "$PWD/lighttpd.pid"
server.errorlog = "$PWD/lighttpd.log"
server.modules = ("mod_alias", "mod_cgi", "mod_setenv")
alias.url = ("/git/" => "$(git --exec-path)/git-http-backend/")
cgi.assign = ("" => "")
setenv.set-environment = ("GIT_PROJECT_ROOT" => "$PWD/www", "GIT_HTTP_EXPORT_ALL" => "1", "REMOTE_USER" => "tester", "HOME" => "$HOME")
END
  lighttpd -f lighttpd.conf
  wait_until 10 git ls-remote -q "http://127.0.0.1:$port/git/hub.git" || { cat lighttpd.log; false; }
  exchange "http://127.0.0.1:$port/git/hub.git" http; code=$?
  kill "$(cat lighttpd.pid)"
  return $code
'
skip_unless '' ''

skip_unless 'command -v /usr/sbin/sshd && command -v ssh' 'sshd is not installed'
[ "$GIT_DEFAULT_REF_FORMAT" != reftable ] || skip_unless false 'the shell of sshd finds no newer Git'
t 'sshd' '
  mkdir ssh && cd ssh && hub hub.git
  port=$(free_port)
  ssh-keygen -q -t ed25519 -N "" -f host && ssh-keygen -q -t ed25519 -N "" -f user
  cp user.pub authorized && chmod 600 authorized
  [ "$(id -u)" != 0 ] || mkdir -p /run/sshd
  cat >config <<END
Port $port
ListenAddress 127.0.0.1
HostKey $PWD/host
AuthorizedKeysFile $PWD/authorized
PidFile $PWD/sshd.pid
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
END
  /usr/sbin/sshd -f config -E sshd.log
  cat >ssh.sh <<END
#!/bin/sh
exec ssh -F none -i $PWD/user -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "\$@"
END
  chmod +x ssh.sh
  GIT_SSH=$PWD/ssh.sh; export GIT_SSH
  url="ssh://$(id -un)@127.0.0.1:$port$PWD/hub.git"
  cd ..
  wait_until 10 git ls-remote -q "$url" || { cat ssh/sshd.log; false; }
  exchange "$url" ssh; code=$?
  kill "$(cat ssh/sshd.pid)"
  return $code
'

done_testing
