// A person's key and signing with it. The key is named in the person's own configuration (agent.signingKey), or is the one
// in ssh-agent that the curators file lists; the repository has no say in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trust/curators.hh"

namespace ga::trust {

struct SigningKey {
  std::string file;     ///< what ssh-keygen -f gets; "" for a key that ssh-agent holds
  std::string key;      ///< the public key's blob
  std::string comment;  ///< for people
};

/// The public key that a setting such as agent.signingKey or user.signingKey names: a file (private or public), "key::" and a
/// public key, or a public key itself. "" when it names none (an OpenPGP key, say).
std::string public_key_of(const std::string& setting);
/// The key of agent.signingKey. Throws Error(environment) when it cannot be read.
SigningKey key_from_setting(const std::string& setting);
/// Keys in ssh-agent (ssh-add -L); none when there is no agent.
std::vector<SigningKey> keys_in_agent();

/// An armoured signature of the text in our namespace. ssh-keygen asks on the terminal for a passphrase or a touch. Throws
/// Error(not_approved) with its last words when it fails.
std::string sign(const SigningKey& key, std::string_view text);
/// Tries to, asking nobody, within some seconds, for another namespace, so that what comes of it approves nothing.
bool can_sign_unasked(const SigningKey& key, double seconds);

/// A directory that only this user can enter, gone with the object.
class PrivateDirectory {
 public:
  PrivateDirectory();
  ~PrivateDirectory();
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;
  /// Writes a file there; gives its path.
  std::string put(const std::string& name, std::string_view bytes) const;
  std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace ga::trust
