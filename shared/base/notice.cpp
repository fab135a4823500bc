module;
#include <functional>
#include <iostream>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

module rnn.base.notice;

import rnn.base.text;

namespace rnn {

namespace {

struct Notices {
  std::mutex mutex;
  std::set<std::string> told;
  std::vector<const NoticeReceiver*> receivers;  // the latest is the last
};

Notices& notices() {
  static Notices notices;
  return notices;
}

}  // namespace

void notice(const std::string& line) {
  Notices& all = notices();
  const std::lock_guard lock(all.mutex);
  if (!all.told.insert(line).second) return;
  for (auto receiver = all.receivers.rbegin(); receiver != all.receivers.rend(); ++receiver) {
    if ((*receiver)->receive_(line)) return;
  }
  std::cerr << printable(line) + "\n" << std::flush;
}

NoticeReceiver::NoticeReceiver(std::function<bool(const std::string&)> receive) : receive_(std::move(receive)) {
  Notices& all = notices();
  const std::lock_guard lock(all.mutex);
  all.receivers.push_back(this);
}

NoticeReceiver::~NoticeReceiver() {
  Notices& all = notices();
  const std::lock_guard lock(all.mutex);
  std::erase(all.receivers, this);
}

}  // namespace rnn
