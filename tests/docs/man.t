# The manual says what the program does: names, synopses, verbs, options, kinds of failure, keys.
# The rules for pages are in man/TEMPLATE.md, their check in man.py. Needs python3.
. "$(dirname "$0")/../lib.sh"

check="python3 $GIT_AGENT_SOURCE_ROOT/tests/docs/man.py"
export check

git-agent --dump-commands >commands.json
git-agent --dump-errors >errors.json
git-agent --dump-config-keys >keys.json

for name in $($check commands); do
  t "the page git-agent-$name(1)" "\$check page $name"
done

for file in "$GIT_AGENT_SOURCE_ROOT"/man/*.scd; do
  name=${file##*/git-agent-}
  name=${name%.1.scd}
  case "$($check commands)" in
  *"$name"*) [ "${file%.1.scd}" != "$file" ] && continue ;;
  esac
  t "the page ${file##*/}" "\$check other ${file##*/}"
done

t 'the kinds of failure and their codes in git-agent(1)' '$check kinds'
t 'the list of commands in git-agent(1)' '$check overview'
t 'no page refers to a missing one' '$check references'

skip_unless 'test "$(cat keys.json)" != "[]"' 'the program does not tell its keys'
t 'the keys in git-agent-config(5)' '$check config-keys'
skip_unless ''

t 'the skeleton of a page keeps the rules' '
  for name in $($check commands); do
    git-agent --dump-page "$name" >page.scd
    grep -q "^# SYNOPSIS" page.scd
    if command -v scdoc; then scdoc <page.scd >/dev/null; fi
  done
'

done_testing
