#include "git/durability.hh"

#include "catch.hh"

using ga::git::asks_for_durability;

TEST_CASE("Git's settings for flushing are followed") {
  CHECK_FALSE(asks_for_durability("", ""));
  CHECK(asks_for_durability("", "true"));
  CHECK_FALSE(asks_for_durability("", "false"));
  CHECK(asks_for_durability("all", ""));
  CHECK(asks_for_durability("committed", "false"));
  CHECK(asks_for_durability("reference", ""));
  CHECK(asks_for_durability("pack, Loose-Object", ""));
  CHECK_FALSE(asks_for_durability("none", "true"));
  CHECK_FALSE(asks_for_durability("pack,index,derived-metadata", ""));
  CHECK_FALSE(asks_for_durability("committed,-loose-object", ""));
  CHECK_FALSE(asks_for_durability("all,none", ""));
  CHECK(asks_for_durability("none,reference", ""));
  CHECK_FALSE(asks_for_durability("nonsense,,-", ""));
}
