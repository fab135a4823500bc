#pragma once
// Several processes of a test program, as mpirun starts them: each of them does one test case, which is disabled unless
// it is asked for.

#include <dlfcn.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "processes.hpp"
#include "program.hpp"

namespace rnn::testing {

/// Whether there can be several. A sanitizer would find fault with MPI's own memory.
inline bool has_ranks() {
  const bool mpi = from_environment("WITH_MPI") == "true" && std::system("command -v mpirun >/dev/null") == 0;
  if (mpi && !::dlsym(RTLD_DEFAULT, "__asan_init")) return true;
  skipped("several processes, without MPI or under a sanitizer", ENOTSUP);
  return false;
}

/// Runs a program in so many processes. None takes longer than a minute, even if one waits for another forever.
inline Result mpirun(int count, const std::string& program, std::vector<std::string> arguments,
                     Settings settings = {}) {
  std::vector<std::string> words{"timeout", "-k", "1", "60", "mpirun", "-q", "--oversubscribe"};
  words.insert(words.end(), {"--mca", "btl_vader_single_copy_mechanism", "none", "-n", std::to_string(count)});
  words.push_back(program);
  words.insert(words.end(), arguments.begin(), arguments.end());
  for (const char* name : {"OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"})
    settings.environment[name] = "1";
  return run("/usr/bin/env", words, settings);
}

/// Runs a test case of this program so. What its processes say of themselves is left out where they have no errors.
inline Result run_ranks(int count, const std::string& test_case, const Settings& settings = {}) {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  return mpirun(count, program, {"--run_test=" + test_case, "--report_level=no", "--log_level=nothing"}, settings);
}

}  // namespace rnn::testing
