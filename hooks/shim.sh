#!/bin/sh
# Written by `git agent-init`, taken away by `git agent-init --uninstall`. One text for every hook: its name tells
# which one it is. What a person's commit passes ends here, before any program is started.
program=@PROGRAM@
previous=@PREVIOUS@
event=${0##*/}

# The hook of this name that was here before and still runs: it is never moved or changed.
chained() {
	[ ! -x "$previous/$event" ] || "$previous/$event" "$@"
}
chain() {
	[ ! -x "$previous/$event" ] || exec "$previous/$event" "$@"
	exit 0
}
# An agent's session, or its worktree.
agent() {
	[ -n "$GIT_AGENT_NAME" ] || [ -e "${GIT_DIR:-.git}/agent-worktree" ]
}
judge() {
	[ -x "$program" ] && exec "$program" hook git "$event" "$@"
	echo "git-agent: $program is not there any more" >&2
	echo "git-agent: install it again ('git agent-init --uninstall' then takes its hooks away), or switch them off" >&2
	echo "git-agent: with: git config --unset include.path agent/config" >&2
	[ "$event" != pre-commit ]
	exit
}

case $event in
pre-commit)
	# First the one that may still change what is staged.
	chained "$@" || exit
	judge "$@"
	;;
prepare-commit-msg)
	agent || chain "$@"
	chained "$@" || exit
	judge "$@"
	;;
pre-push | reference-transaction)
	[ "$event$1" = reference-transactionprepared ] || [ "$event" = pre-push ] || chain "$@"
	agent || chain "$@"
	input=$(cat && echo .) && input=${input%.}
	printf %s "$input" | chained "$@" || exit
	printf %s "$input" | judge "$@"
	;;
*)
	chain "$@"
	;;
esac
