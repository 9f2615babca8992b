# Completion of command lines in bash, zsh and fish, below git and directly. bash needs nothing else; what is tested
# through Git's own completion needs the package bash-completion; zsh and fish are tested where they are installed.
# Keys are typed by type-keys.py (python3).
. "$(dirname "$0")/../lib.sh"

# The files as they are installed.
data=$TEST_DIR/share
mkdir -p files "$data/bash-completion/completions" "$data/fish/vendor_conf.d" "$data/zsh"
git-agent --completion-files files || exit 1
cp files/git-agent "$data/bash-completion/completions/git-agent"
cp files/git-agent.fish "$data/fish/vendor_conf.d/"
cp files/_git-agent* "$data/zsh/"
for name in $(git-agent --dump-commands | json - '"\n".join(r["name"] for r in d if r["group"])'); do
  ln -s git-agent "$data/bash-completion/completions/git-agent-$name"
done

type_keys() { python3 "$GIT_AGENT_SOURCE_ROOT/tests/e2e/type-keys.py" "$@"; }

# offered WORD...: what bash is offered when the last word is completed.
offered() {
  bash -c '
    . "$1"; shift
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    __git_agent_direct "$1"
    printf "<%s>\n" "${COMPREPLY[@]}"
  ' bash "$TEST_DIR/files/git-agent" "$@"
}

t 'the program offers commands, verbs, options and words' '
  git-agent --complete ta | grep "^task	."
  git-agent --complete task rea | grep "^ready	."
  git-agent --complete task ready --li | grep "^--limit	."
  git-agent --complete -C . --json task rea | grep "^ready	."
  test "$(git-agent --complete task ready --limit 3 --limi)" = ""
  test "$(git-agent --complete task graph --format d)" = dot
  test "$(git-agent --complete task graph --format=d)" = --format=dot
  test "$(git-agent --complete task add -F "")" = :files
  test "$(git-agent --complete no-such-command "")" = ""
  test "$(git-agent --complete ho)" = ""
'

t 'outside a repository nothing is said' '
  mkdir -p outside && cd outside
  git-agent --complete task claim "" >../out 2>&1
  ! grep -i error ../out
'

t 'tasks are offered by slug, with their titles made safe' '
  new_repo r && cd r
  git agent-task add "Parse the header" --slug parse
  git agent-task add "$(printf "Print\\033[31m it")" --slug print
  test "$(git-agent --complete task claim pa)" = "parse	Parse the header"
  git-agent --complete task add x --needs "" >../out
  test "$(wc -l <../out)" = 2
  ! grep "$(printf "\\033")" ../out
'

t 'there is a script for three shells' '
  for shell in bash zsh fish; do git-agent --completion-script $shell >script.$shell; test -s script.$shell; done
  cmp script.bash files/git-agent
  expect 129 git-agent --completion-script tcsh
  bash -n script.bash
'

t 'bash: git-agent and git-agent-NAME' '
  test "$(offered git-agent tas)" = "<task >"
  test "$(offered git-agent task rea)" = "<ready >"
  test "$(offered git-agent-task rea)" = "<ready >"
  test "$(offered ./git-agent-task ready --limi)" = "<--limit >"
  test "$(offered git-agent-task add -F x)" = "<>"
'

t 'bash: words that are cut at = and :' '
  test "$(offered git-agent-task graph --format = d)" = "<dot >"
  test "$(offered git-agent-task graph --format =)" = "<ascii >
<dot >
<mermaid >"
'

t 'bash: typed at a terminal' '
  echo "PS1=\"go> \"; bind \"set enable-bracketed-paste off\"; . $TEST_DIR/files/git-agent" >rc
  type_keys 30 "go> " "git-agent-task rea\\t" "dy " -- bash --noprofile --rcfile rc -i
  type_keys 30 "go> " "git-agent task rea\\t" "dy " -- bash --noprofile --rcfile rc -i
'

skip_unless 'test -r /usr/share/bash-completion/completions/git' 'needs the package bash-completion'
t 'bash: below git, loaded by name' '
  cat >rc <<END
PS1="go> "; bind "set enable-bracketed-paste off"
XDG_DATA_HOME=$data
. /usr/share/bash-completion/bash_completion
END
  type_keys 30 "go> " "git agent-task rea\\t" "dy " -- bash --noprofile --rcfile rc -i
  type_keys 30 "go> " "git agent task rea\\t" "dy " -- bash --noprofile --rcfile rc -i
  type_keys 30 "go> " "git -C . agent-task ready --limi\\t" "t " -- bash --noprofile --rcfile rc -i
  type_keys 30 "go> " "git agent-tas\\t" "k " -- bash --noprofile --rcfile rc -i
  type_keys 30 "go> " "git-agent-task rea\\t" "dy " -- bash --noprofile --rcfile rc -i
'

skip_unless 'command -v zsh' 'needs zsh'
t 'zsh: below git and directly' '
  mkdir -p zdot
  cat >zdot/.zshrc <<END
PS1="go> "; fpath=($data/zsh \$fpath); unsetopt zle_bracketed_paste 2>/dev/null; zle_bracketed_paste=()
autoload -Uz compinit; compinit -u -d $TEST_DIR/zcompdump; print ready; PS1="go""> "
END
  for keys in "git-agent-task rea" "git-agent task rea" "git agent-task rea" "git agent task rea"; do
    ZDOTDIR=$TEST_DIR/zdot type_keys 60 "go> " "$keys\\t" "dy " -- zsh -i
  done
  ZDOTDIR=$TEST_DIR/zdot type_keys 60 "go> " "git agent-tas\\t" "k " -- zsh -i
  ZDOTDIR=$TEST_DIR/zdot type_keys 60 "go> " "git-agent-task graph --format=mer\\t" "maid" -- zsh -i
'

skip_unless 'command -v fish' 'needs fish'
t 'fish: below git and directly' '
  export XDG_DATA_DIRS="$data:/usr/local/share:/usr/share"
  for line in "git-agent-task rea" "git-agent task rea" "git agent-task rea" "git agent task rea"; do
    fish -c "complete -C \"$line\"" | grep "^ready	."
  done
  fish -c "complete -C \"git agent-tas\"" | grep "^agent-task"
  fish -c "complete -C \"git-agent-task graph --format=d\"" | grep "^--format=dot"
  echo x >spec.md
  fish -c "complete -C \"git-agent-task add -F spe\"" | grep "^spec.md"
'
skip_unless ''

done_testing
