#include "git/bulk.hh"

#include "git/impl.hh"
#include "util/error.hh"

namespace ga::git {

void Repository::begin_bulk() {
  if (impl_->pending) GA_BUG("a bulk inside a bulk");
  impl_->pending = std::make_unique<PendingObjects>();
}

void Repository::end_bulk() {
  if (!impl_->pending) GA_BUG("the end of a bulk that never began");
  const std::unique_ptr<PendingObjects> objects = std::move(impl_->pending);
  for (const Oid& id : objects->order) {
    const PendingObject& object = objects->by_id.at(id);
    impl_->write(object.type, *object.bytes);
  }
}

void Repository::discard_bulk() { impl_->pending.reset(); }

}  // namespace ga::git
