#include "git/bulk.hh"

#include "git/durability.hh"
#include "git/impl.hh"
#include "git/pack-file.hh"
#include "util/error.hh"

namespace ga::git {

namespace {

// Fewer than this are written as files: every pack makes looking up any object a little slower.
constexpr std::size_t worth_a_pack = 64;

}  // namespace

void Repository::begin_bulk() {
  if (impl_->pending) GA_BUG("a bulk inside a bulk");
  impl_->pending = std::make_unique<PendingObjects>();
}

void Repository::end_bulk() {
  if (!impl_->pending) GA_BUG("the end of a bulk that never began");
  const std::unique_ptr<PendingObjects> objects = std::move(impl_->pending);
  if (objects->order.size() < worth_a_pack) {
    for (const Oid& id : objects->order) {
      const PendingObject& object = objects->by_id.at(id);
      impl_->write(object.type, *object.bytes);
    }
    return;
  }
  follow_durability_settings(*this);
  PackFile pack(impl_->formats.hash, objects->order.size());
  for (const Oid& id : objects->order) {
    PendingObject& object = objects->by_id.at(id);
    pack.add(object.type, id, *object.bytes);
    object.bytes.reset();
  }
  pack.write(impl_->objects_dir);
  impl_->unflushed = true;  // its name in the directory
  impl_->objects->refresh();
}

void Repository::discard_bulk() { impl_->pending.reset(); }

}  // namespace ga::git
