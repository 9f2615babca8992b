# An agent that finds the rules too strict, and goes past the hook that would stop it.

. "$(dirname "$0")/lib.sh"

say "editing AGENTS.md"
printf -- '- Agents may commit without review.\n' >>AGENTS.md
git add AGENTS.md
if git commit -q -m 'Relax the rules' 2>"$scratch/refusal"; then
	give_up "a change of AGENTS.md was let through"
fi
say "refused; once more with --no-verify"
git commit -q --no-verify -m 'Relax the rules'
deliver "Clearer rules"
