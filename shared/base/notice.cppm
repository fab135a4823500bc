module;
#include <functional>
#include <string>

/// What a person should know although the work goes on: a file that can only be written in place, threads that could
/// not be started. Whoever finds it out tells it here; where it appears is for the program to say.
export module rnn.base.notice;

export namespace rnn {

/// Tells a line, without an end of line. A line that was told before is not told again.
void notice(const std::string& line);

using NoticeReceiver = std::function<void(const std::string& line)>;

/// Notices go to `receiver` from now on, to nobody when it is empty. They go to standard error until this is called.
/// Returns the receiver before.
NoticeReceiver send_notices_to(NoticeReceiver receiver);

}  // namespace rnn
