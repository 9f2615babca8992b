// The scripts that teach bash, zsh and fish to complete our command lines. They know the commands' names and ask
// `git-agent --complete WORD...` for everything else.
#include "cli/complete.hh"
#include "cli/run-main.hh"
#include "util/error.hh"
#include "util/text.hh"

namespace ga::cli {

namespace {

constexpr char agent_summary[] = "run a team of coding agents on a Git repository";

constexpr char bash_head[] =
    R"sh(# bash completion for git-agent, made by `git-agent --completion-script bash`.
#
# Git's own completion calls _git_agent and _git_agent_NAME for `git agent` and `git agent-NAME`;
# git-agent and git-agent-NAME are completed directly, without Git's or any other completion library.

# Offers what completes the last of the words, which follow the name git-agent.
__git_agent_offer ()
{
	local IFS=$'\n' line word="${!#}" lead=""
	COMPREPLY=()
	# readline replaces only what follows the last '=' or ':' of a word.
	case "$word" in
	*[=:]*)
		case "$COMP_WORDBREAKS" in
		*[=:]*) lead="${word%"${word##*[=:]}"}" ;;
		esac ;;
	esac
	for line in $(command git-agent --complete "$@" 2>/dev/null); do
		# Nothing offered: readline offers files itself.
		[ "$line" = :files ] && return
		line="${line%%$'\t'*}"
		COMPREPLY+=("${line#"$lead"} ")
	done
	return 0
}

# For Git's completion, which leaves the words in $words; $1 is the command's name or empty.
__git_agent_below_git ()
{
	local at="${__git_cmd_idx-}"
	if [ -z "$at" ]; then
		at=1
		while [ "$at" -lt "$cword" ]; do
			case "${words[at]}" in agent | agent-*) break ;; esac
			at=$((at + 1))
		done
	fi
	__git_agent_offer ${1:+"$1"} "${words[@]:at+1:cword-at}"
}

# For `git-agent` and `git-agent-NAME` themselves. bash cuts words at '=' and ':': they are joined again.
__git_agent_direct ()
{
	local i word joined="" name="${1##*/}"
	local -a given=()
	for ((i = 1; i <= COMP_CWORD; i++)); do
		word="${COMP_WORDS[i]}"
		case "$word" in
		[=:]*)
			if [ "${#given[@]}" -gt 0 ]; then
				given[${#given[@]}-1]+="$word"
				joined=1
				continue
			fi ;;
		esac
		if [ -n "$joined" ]; then
			given[${#given[@]}-1]+="$word"
		else
			given+=("$word")
		fi
		joined=""
	done
	name="${name#git-agent}"
	name="${name#-}"
	__git_agent_offer ${name:+"$name"} "${given[@]}"
}

_git_agent () { __git_agent_below_git ""; }
complete -o bashdefault -o default -o nospace -F __git_agent_direct git-agent
)sh";

constexpr char zsh_head[] = R"sh(#compdef git-agent
#description run a team of coding agents on a Git repository

# zsh completion for git-agent, made by `git-agent --completion-script zsh`.
#
# zsh's completion of git finds this file and its neighbours _git-agent-NAME in $fpath by itself and
# lists them among Git's commands. Where only this file is installed, name the commands to it:
#
#   zstyle ':completion:*:*:git:*' user-commands ${${(M)${(k)commands}:#git-agent*}/git-/}

local command=${${words[1]:t}#git-} line lead=''
local -a given answer found
given=("${(@Q)words[2,CURRENT]}")
[[ $command == agent-* ]] && given=("${command#agent-}" "${(@)given}")
answer=("${(@f)$(command git-agent --complete "${(@)given}" 2>/dev/null)}")
if [[ $answer[1] == :files ]]; then
  [[ $PREFIX == --*=* ]] && compset -P 1 '*='
  _files
  return
fi
for line in "${(@)answer}"; do
  [[ -z $line ]] && continue
  lead=${line%%$'\t'*}
  if [[ $line == *$'\t'* ]]; then
    found+=("${lead//:/\\:}:${line#*$'\t'}")
  else
    found+=("${lead//:/\\:}")
  fi
done
(( $#found )) && _describe -t git-agent 'git-agent' found
)sh";

constexpr char fish_head[] =
    R"sh(# fish completion for git-agent, made by `git-agent --completion-script fish`.
#
# Read when fish starts (vendor_conf.d): fish 3.6 does not look for completions of `git agent-NAME` by itself.

# Below git: the words of the command line from `agent` or `agent-NAME` on; fails when there are none.
function __git_agent_words
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        if string match -qr '^agent(-|$)' -- $words[1]
            printf '%s\n' $words
            return 0
        end
        # Global options of git, and the directory or setting after -C and -c.
        string match -q -- '-*' $words[1]; or return 1
        contains -- $words[1] -C -c; and set -e words[1]
        set -e words[1]
    end
    return 1
end

function __git_agent_candidates
    set -l words (commandline -opc)
    if test "$words[1]" = git
        set words (__git_agent_words)
    end
    set -l name (string replace -r '^.*/' '' -- $words[1] | string replace -r '^(git-)?agent-?' '')
    set words[1] $name
    test -n "$name"; or set -e words[1]
    set -l token (commandline -ct)
    set -l answer (command git-agent --complete $words "$token" 2>/dev/null)
    if test "$answer[1]" = :files
        set -l lead (string match -r -- '^--[^=]*=' $token)
        for file in (__fish_complete_path (string replace -r -- '^--[^=]*=' '' $token))
            echo -- "$lead$file"
        end
        return
    end
    printf '%s\n' $answer
end

complete -c git -f -n __git_agent_words -a '(__git_agent_candidates)'
)sh";

std::vector<const CommandRow*> shown_commands() {
  std::vector<const CommandRow*> found;
  for (const CommandRow* command : all_commands())
    if (command->group != Group::hidden) found.push_back(command);
  return found;
}

std::string bash_script() {
  std::string text = bash_head;
  for (const CommandRow* command : shown_commands()) {
    const std::string name = command->name;
    text += "\n_git_agent_" + replace_all(name, "-", "_") + " () { __git_agent_below_git " + name + "; }\n";
    text += "complete -o bashdefault -o default -o nospace -F __git_agent_direct git-agent-" + name + "\n";
  }
  return text;
}

/// A word in single quotes for fish.
std::string fish_quoted(const std::string& text) {
  return "'" + replace_all(replace_all(text, "\\", "\\\\"), "'", "\\'") + "'";
}

std::string fish_lines(const std::string& name, const std::string& summary) {
  return "complete -c git -f -n __fish_git_needs_command -a " + name + " -d " + fish_quoted(summary) + "\n" +
         "complete -c git-" + name + " -f -a '(__git_agent_candidates)'\n";
}

std::string fish_script() {
  std::string text = fish_head + fish_lines("agent", agent_summary);
  for (const CommandRow* command : shown_commands())
    text += fish_lines(std::string("agent-") + command->name, command->summary);
  return text;
}

/// zsh reads "#compdef" and "#description" from a file's first two lines, so each command has a file.
std::string zsh_file(const CommandRow& command) {
  return std::string("#compdef git-agent-") + command.name + "\n#description " + command.summary +
         "\n\n_git-agent \"$@\"\n";
}

}  // namespace

std::string completion_script(const std::string& shell) {
  if (shell == "bash") return bash_script();
  if (shell == "zsh") return zsh_head;
  if (shell == "fish") return fish_script();
  fail_usage("no completion for the shell '" + shell + "'", {"bash, zsh and fish have one"});
}

std::vector<CompletionFile> completion_files() {
  std::vector<CompletionFile> files = {
      {"git-agent", bash_script()}, {"git-agent.fish", fish_script()}, {"_git-agent", zsh_head}};
  for (const CommandRow* command : shown_commands())
    files.push_back({std::string("_git-agent-") + command->name, zsh_file(*command)});
  return files;
}

}  // namespace ga::cli
