#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "../../support/kernels.hpp"
#include "../../support/processes.hpp"

import rnn.linalg.kernel.cpu;

using namespace rnn;
using rnn::testing::available_sets;
using rnn::testing::in_a_child;

namespace {

constexpr InstructionSet all_sets[] = {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512};

/// What a process chooses that has RNN_KERNEL=value in its environment: it chooses once.
std::string chosen_with(const char* value) {
  return in_a_child([=] {
    value == nullptr ? ::unsetenv("RNN_KERNEL") : ::setenv("RNN_KERNEL", value, 1);
    return std::string(name(instruction_set()));
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_machine_has_the_baseline_and_takes_the_fastest_that_it_has) {
  BOOST_TEST(available(InstructionSet::baseline));
  const std::string fastest = name(available_sets().back());
  BOOST_TEST(chosen_with(nullptr) == fastest);
  BOOST_TEST(chosen_with("") == fastest);
}

BOOST_AUTO_TEST_CASE(the_environment_chooses_by_name) {
  for (const InstructionSet set : all_sets) {
    const std::string wanted = name(set);
    BOOST_TEST(chosen_with(wanted.c_str()) ==
               (available(set) ? wanted : "threw: RNN_KERNEL: this machine cannot run " + wanted));
  }
}

BOOST_AUTO_TEST_CASE(a_name_of_none_is_refused) {
  const std::string refused = "threw: RNN_KERNEL: expected avx512, avx2 or baseline, got \"";
  BOOST_TEST(chosen_with("sse9") == refused + "sse9\"");
  BOOST_TEST(chosen_with(std::string(100, 'a').c_str()) == refused + std::string(60, 'a') + '"');
}

BOOST_AUTO_TEST_CASE(what_is_forced_is_used_if_the_machine_has_it) {
  for (const InstructionSet set : all_sets) {
    if (available(set)) {
      force_instruction_set(set);
      BOOST_TEST((instruction_set() == set));
      BOOST_TEST(std::string(kind_of_kernel()) == (set == InstructionSet::baseline ? "baseline" : "fused"));
    } else {
      BOOST_CHECK_THROW(force_instruction_set(set), std::invalid_argument);
    }
  }
}
