#include <boost/test/unit_test.hpp>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

import rnn.console.norm_tables;
import rnn.linalg.matrix;
import rnn.training.gradient_norms;

using namespace rnn;

namespace {

GradientNorms curve(const std::string& name, char mark, std::vector<Real> at, Real mean) {
  GradientNorms norms;
  norms.name = name, norms.mark = mark, norms.at = std::move(at), norms.mean_state = mean;
  return norms;
}

std::string printed(const std::vector<GradientNorms>& curves) {
  std::ostringstream text;
  std::streambuf* const before = std::cout.rdbuf(text.rdbuf());
  print_norms("Heading", curves);
  std::cout.rdbuf(before);
  return text.str();
}

int lines_with(const std::string& text, const std::string& part) {
  std::istringstream lines(text);
  int count = 0;
  for (std::string line; std::getline(lines, line);) count += line.find(part) != std::string::npos;
  return count;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_table_and_a_plot_go_from_the_last_step_back) {
  // Two characters for a power of ten, from 1e-16 in column 0 over 1 in column 32 to 1e+16 in column 64.
  const std::string text =
      printed({curve("a", '*', {100, 0.5, 0}, Real(0.25)), curve("bc", 'o', {Real(1e-3), 1e20f, 1}, 2)});
  BOOST_TEST(text ==
             "\nHeading\n"
             "           t                a               bc\n"
             "           2        0.000e+00        1.000e+00\n"
             "           1        5.000e-01        1.000e+20\n"
             "           0        1.000e+02        1.000e-03\n"
             "  mean |h_t|             0.25                2\n"
             "\n"
             "           t  1e-16                           1                           1e+16\n"
             "           2  *                               o\n"
             "           1                                 *|                               o\n"
             "           0                            o     |   *\n");
}

BOOST_AUTO_TEST_CASE(of_many_steps_every_tenth_part_is_shown) {
  for (const auto& [steps, shown] : {std::pair(19, 20), std::pair(20, 11), std::pair(29, 15), std::pair(100, 11)}) {
    const std::string text = printed({curve("a", '*', std::vector<Real>(Index(steps + 1), 1), 0)});
    BOOST_TEST(lines_with(text, "1.000e+00") == shown, steps);
    BOOST_TEST(lines_with(text, "         0        1.000e+00") == (steps % std::max(1, steps / 10) == 0));
  }
}

BOOST_AUTO_TEST_CASE(as_values_every_step_is_a_line) {
  BOOST_TEST(norms_csv({curve("a", '*', {1, 0.5}, 0), curve("b", 'o', {2, 0.25}, 0)}) == "t,a,b\n0,1,2\n1,0.5,0.25\n");
}
