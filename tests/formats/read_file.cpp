// Reads one file with the reader that is named, and tells what that cost: for tests that give readers files which ask
// for too much.
//
//   read_file READER PATH
//
// prints "read" or "refused", the most memory that the process held (KiB), what it held before it read (KiB), and the
// processor's time (seconds); a refusal's message goes to standard error. The status is 0 whichever it was.
#include <sys/resource.h>
#include <sys/time.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>

import rnn.base.error;
import rnn.base.file;
import rnn.base.json;
import rnn.cases.recorded_case;
import rnn.data.as_mnist;
import rnn.data.images;
import rnn.formats.chorales;
import rnn.formats.idx;
import rnn.formats.mnist;
import rnn.formats.picture;
import rnn.formats.safetensors;

using namespace rnn;
using std::filesystem::path;

namespace {

const std::map<std::string, std::function<void(const path&)>> readers = {
    {"case", [](const path& file) { read_case(file); }},
    {"chorales", [](const path& file) { read_chorales(file); }},
    {"images", [](const path& file) { read_idx_images(file); }},
    {"json", [](const path& file) { parse_json(read_file(file), file); }},
    {"labels", [](const path& file) { read_idx_labels(file); }},
    {"mnist", [](const path& folder) { load_mnist(folder, 0); }},
    {"picture", [](const path& file) { as_mnist(read_picture(file), file); }},
    {"safetensors", [](const path& file) { read_safetensors(file); }},
    {"weights", [](const path& file) { parse_safetensors(read_file(file), file); }},
};

/// A line of /proc/self/status, in KiB: VmHWM is the most memory that was ever held at a time.
long memory(const std::string& what) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(what + ":")) return std::stol(line.substr(what.size() + 1));
  }
  return 0;
}

double seconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 || !readers.contains(argv[1])) {
    std::fprintf(stderr, "usage: read_file READER PATH\n");
    return 2;
  }
  const long before = memory("VmRSS");
  const char* outcome = "read";
  try {
    readers.at(argv[1])(argv[2]);
  } catch (const FileError& error) {
    outcome = "refused";
    std::fprintf(stderr, "%s\n", error.what());
  }
  std::printf("%s %ld %ld %.3f\n", outcome, memory("VmHWM"), before, seconds());
  return 0;
}
