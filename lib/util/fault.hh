// Fault points: places where a test kills the process to prove that the next command copes.
//
//   fault_point("ledger.before-cas");
//
// GIT_AGENT_TEST_FAULT=NAME[:N] ends the process by SIGKILL at the N-th (default first) passing of that
// point. GIT_AGENT_TEST_FAULT_LOG=FILE appends every name passed, which is how tests list them.
#pragma once

namespace ga {
void fault_point(const char* name);
}
