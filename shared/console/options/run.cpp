module;
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <iostream>
#include <new>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

module rnn.console.options;

import rnn.base.caller;
import rnn.base.error;
import rnn.base.notice;
import rnn.base.ranks;
import rnn.base.text;

namespace po = boost::program_options;

namespace rnn {

namespace {

/// If a standard stream is closed when the program starts, the next file that it opens gets the stream's number, and
/// messages would be written there. So a file that cannot be written takes that number, and writing fails as it should.
void hold_standard_streams() {
  for (const int stream : {0, 1, 2}) {
    if (::fcntl(stream, F_GETFD) == -1) ::open("/dev/null", stream == 0 ? O_WRONLY : O_RDONLY);
  }
}

/// What went wrong with writing to stdout; empty when everything has arrived.
std::string flush_output() {
  errno = 0;
  std::cout.flush();  // and stdout with it, whose buffer it shares
  if (std::cout && !std::ferror(stdout)) return "";
  return "cannot write to standard output" + (errno ? ": " + std::generic_category().message(errno) : "");
}

}  // namespace

std::string Options::help() const {
  std::ostringstream out;
  out << shows_ << '\n' << usage();
  std::vector<std::string> headings;
  for (const Entry& entry : entries_) {
    if (!std::ranges::count(headings, entry.heading)) headings.push_back(entry.heading);
  }
  for (const std::string& heading : headings) {
    po::options_description group(heading);
    for (const Entry& entry : entries_) {
      if (entry.heading != heading) continue;
      if (entry.value_name.empty()) {
        group.add_options()(entry.name.c_str(), entry.help.c_str());
      } else {
        const auto value = po::value<std::string>()->value_name(entry.value_name);
        group.add_options()(entry.name.c_str(), value, entry.help.c_str());
      }
    }
    out << '\n' << group;
  }
  out << "\nHelp:\n  -h, --help            show this page\n";
  if (!examples_.empty()) out << "\nExamples:\n";
  for (const auto& [arguments, what] : examples_) {
    out << fmt::format("  {}{}{}\n      {}\n", program_, arguments.empty() ? "" : " ", arguments, what);
  }
  return out.str();
}

int Options::fail(const std::string& message, int status) const {
  Launch launch;  // the one that is running
  if (launch.rank() != 0) launch.report(message, status);
  constexpr std::size_t longest = 4000;  // nobody would read a longer line to its end
  std::cerr << program_ + ": " + printable(shortened(message, longest)) << std::endl;
  launch.end_all(status);
  return status;
}

int Options::run(int argc, char** argv, const std::function<int()>& chapter) {
  hold_standard_streams();
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on file size is an error like a full disk, not a reason to die
  Launch launch;
  const NoticeReceiver notices([this](const std::string& line) {
    std::cerr << program_ + ": " + printable(line) + "\n" << std::flush;
    return true;
  });
  try {
    std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
    if (const Word* word = word_of(arguments)) {
      if (word->program) return word->program(argc - 1, argv + 1);
      arguments.erase(arguments.begin());
    }
    launch.work_together(true);
    require_same_programs(arguments);
    int status = 0;
    if (launch.rank() != 0) {
      status = follow(chapter);
    } else if (std::ranges::count(arguments, "--help") || std::ranges::count(arguments, "-h")) {
      tell_others(launch, false);
      std::cout << help();
    } else {
      called_ = argc > 0 ? argv[0] : "";
      arguments_ = arguments;
      parse(arguments);
      tell_others(launch, true);
      const bool quiet = find("quiet") && given("quiet");
      const NoticeReceiver silence([quiet](const std::string&) { return quiet; });
      status = chapter();
    }
    const std::string problem = flush_output();
    if (!problem.empty()) return fail(problem);
    launch.finish();
    return status;
  } catch (const RankError& error) {
    return fail(error.what(), error.status());
  } catch (const ResultError& error) {
    return fail(error.what(), 1);
  } catch (const std::filesystem::filesystem_error& error) {
    return fail(error.path1().empty() ? error.what() : shown(error.path1()) + ": " + error.code().message());
  } catch (const std::bad_alloc&) {
    return fail("out of memory");
  } catch (const std::length_error&) {  // larger than any memory
    return fail("out of memory");
  } catch (const CallError& error) {  // a mistake in the chapter's code, which is there to be changed
    return fail(error.place() + ": " + error.what());
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}

}  // namespace rnn
