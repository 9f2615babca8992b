# What the scripted agents share.  Sourced, with `sh -eu`, by the scripts next to it.

: "${GIT_AGENT_NAME:?}" "${GIT_AGENT_TASK:?}" "${GIT_AGENT_WORKTREE:?}" "${GIT_AGENT_BIN:?}"

cd "$GIT_AGENT_WORKTREE"
export PYTHONDONTWRITEBYTECODE=1

scratch=$(mktemp -d)
step=starting

finished() {
	code=$?
	rm -rf "$scratch"
	[ $code -eq 0 ] || echo "$GIT_AGENT_NAME: stopped while $step (exit $code)" >&2
	exit $code
}
trap finished EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# say TEXT...: begins a step; the pause lets people see agents work side by side.
say() {
	step=$*
	echo "$GIT_AGENT_NAME: $*"
	sleep 0.3
}

# give_up WHY: the task cannot be finished as it stands.
give_up() {
	echo "$GIT_AGENT_NAME: $1" >&2
	"$GIT_AGENT_BIN" task fail -m "$1"
	exit 1
}

# commit MESSAGE PATH...
commit() {
	message=$1
	shift
	say "committing $*"
	git add -- "$@"
	git commit -q -m "$message"
}

# expect_refusal WORD MESSAGE PATH...: this commit must be refused, and the reason must name WORD.
# A guard that lets it through, or refuses it for another reason, fails the task.
expect_refusal() {
	word=$1
	message=$2
	shift 2
	say "committing $*"
	git add -- "$@"
	before=$(git rev-parse HEAD)
	if git commit -q -m "$message" >"$scratch/refusal" 2>&1; then
		give_up "a commit that had to be refused ($word) was accepted"
	fi
	[ "$(git rev-parse HEAD)" = "$before" ] || give_up "a refused commit ($word) moved the branch"
	echo "$GIT_AGENT_NAME: refused, and told:"
	sed 's/^/    | /' "$scratch/refusal"
	grep -qF -- "$word" "$scratch/refusal" || give_up "refused, but the reason does not name $word"
}

# check TARGET...: make, quiet when all is well.
check() {
	for target; do
		say "make $target"
		make "$target" >"$scratch/log" 2>&1 || {
			cat "$scratch/log" >&2
			return 1
		}
	done
}

# prove N TEST: runs one class of the acceptance tests and ticks criterion N with what came out.
prove() {
	say "proving criterion $1"
	python3 -m unittest -b "tests.acceptance.$2" >"$scratch/log" 2>&1 || {
		cat "$scratch/log" >&2
		return 1
	}
	count=$(sed -n 's/^Ran \([0-9]*\) tests\{0,1\} in .*/\1/p' "$scratch/log")
	accept "$1" "tests.acceptance.$2: ${count:?no test ran} passed"
}

# accept N EVIDENCE
accept() {
	"$GIT_AGENT_BIN" task accept "$GIT_AGENT_TASK" "$1" "$2"
}

note() {
	"$GIT_AGENT_BIN" task note "$GIT_AGENT_TASK" "$1"
}

deliver() {
	say "handing over"
	"$GIT_AGENT_BIN" task done -m "$1"
}
