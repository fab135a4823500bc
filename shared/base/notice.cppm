/// Things that a person should know although the work goes on: a file that can only be written in place, threads that
/// could not be started. The code that notices reports it here; the program decides where it appears.
export module rnn.base.notice;

import rnn.base.std;

export namespace rnn {

/// Reports a line, given without a line break. A line that was reported before is not reported again.
void notice(const std::string& line);

/// While it lives, notices go to `receive`, which returns true if it has dealt with the line, and false to pass it on
/// to the previous receiver. Without a receiver, notices go to standard error.
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
