module;
#include <functional>
#include <string>

/// What a person should know although the work goes on: a file that can only be written in place, threads that could
/// not be started. Whoever finds it out tells it here; where it appears is for the program to say.
export module rnn.base.notice;

export namespace rnn {

/// Tells a line, without an end of line. A line that was told before is not told again.
void notice(const std::string& line);

/// As long as it lives, notices come to `receive`, which returns true when that is the end of it, false when they go on
/// to the one who got them before. Without any, they go to standard error.
class NoticeReceiver {
 public:
  explicit NoticeReceiver(std::function<bool(const std::string& line)> receive);
  ~NoticeReceiver();
  NoticeReceiver(const NoticeReceiver&) = delete;
  NoticeReceiver& operator=(const NoticeReceiver&) = delete;

 private:
  friend void notice(const std::string& line);
  std::function<bool(const std::string& line)> receive_;
};

}  // namespace rnn
