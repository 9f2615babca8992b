# The layers of lib/ and what each may do: ARCHITECTURE.md, "Layers".
. "$(dirname "$0")/../lib.sh"

cd "$GIT_AGENT_SOURCE_ROOT" || exit 1
layers=$(sed -n "/^layers = \[/,/^\]/s/^  '\(.*\)',$/\1/p" lib/meson.build)

# Prints nothing and succeeds when the lines on standard input are none; else prints and fails.
none() {
  awk '{print} END {exit NR > 0}'
}

t 'lib/meson.build lists every layer' '
  test "$(echo "$layers" | sort)" = "$(cd lib && ls -d */ | tr -d / | sort)"
'

allowed=
for layer in $layers; do
  allowed="$allowed|$layer"
  t "lib/$layer includes only itself and lower layers" '
    # Headers of ours are in quotes and begin with their layer; the generated ones have no directory.
    grep -rnE "^ *# *include \"[^\"]*/" "lib/$layer" --include="*.hh" --include="*.cc" |
      grep -vE "include \"(${allowed#|})/" | none
  '
done

t 'headers of ours are included in quotes, from lib/' '
  grep -rnE "^ *# *include (<($(echo $layers | tr " " "|"))/|\"\.\.?/)" lib git-agent --include="*.hh" --include="*.cc" |
    none
'

# `// not the program` at the end of a line excuses the word "git" in it; next steps that are printed
# ({"git", "agent-task"...}) need no excuse.
t 'only lib/git/cli.cc starts git' '
  grep -rnE "[({] *\"(/usr/bin/)?git\" *[,})]|(system|popen|exec[lv]p?e?|spawnp?)\( *\"git\>" \
    lib git-agent --include="*.hh" --include="*.cc" |
    grep -vE "^lib/git/cli\.cc:|// not the program|[{(] *\"git\", \"agent" | none
'

t 'lib/model reads no clock, environment or disk and prints nothing' '
  grep -rnE "include <(iostream|fstream|filesystem|cstdio|stdio\.h|unistd\.h|fcntl\.h)>|system_clock|getenv|[^_.a-z]time\(|gettimeofday" \
    lib/model | none
'

t 'one translation unit each compiles toml++, spdlog and fmt' '
  grep -rlE "include <toml\+\+/" lib git-agent | grep -v "^lib/util/toml\.cc$" | none
  grep -rlE "include <spdlog/" lib git-agent | grep -v "^lib/util/log\.cc$" | none
  grep -rlE "include <fmt/format-inl\.h>" lib git-agent | grep -v "^lib/util/fmt\.cc$" | none
'

done_testing
