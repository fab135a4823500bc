module;
#include <functional>
#include <iostream>
#include <mutex>
#include <set>
#include <string>
#include <utility>

module rnn.base.notice;

import rnn.base.text;

namespace rnn {

namespace {

struct Notices {
  std::mutex mutex;
  std::set<std::string> told;
  NoticeReceiver receiver = [](const std::string& line) { std::cerr << printable(line) + "\n" << std::flush; };
};

Notices& notices() {
  static Notices notices;
  return notices;
}

}  // namespace

void notice(const std::string& line) {
  Notices& all = notices();
  const std::lock_guard lock(all.mutex);
  if (all.told.insert(line).second && all.receiver) all.receiver(line);
}

NoticeReceiver send_notices_to(NoticeReceiver receiver) {
  Notices& all = notices();
  const std::lock_guard lock(all.mutex);
  return std::exchange(all.receiver, std::move(receiver));
}

}  // namespace rnn
