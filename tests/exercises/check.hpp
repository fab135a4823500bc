#pragma once
#include <string>
#include <vector>

import rnn.linalg.matrix;

/// What the tests of the exercises are written with: a few functions that say in one screen what is wrong.
namespace exercise {

struct Test {
  const char* name;
  void (*run)();
};

/// Each exercise's tests.cpp has this list; check.cpp has the main function that runs it.
extern const std::vector<Test> tests;

/// Throws, with the place, what was expected and what was found, unless shapes and elements agree:
/// |found − expected| ≤ tolerance · max(1, |expected|). `look` says where the mistake probably is.
void compare(const std::string& what, rnn::ConstView found, rnn::ConstView expected, const std::string& look,
             double tolerance = 1e-5);
/// The same for the shape alone, for a `look` of its own.
void compare_shape(const std::string& what, rnn::ConstView found, rnn::Index rows, rnn::Index columns,
                   const std::string& look);
void compare(const std::string& what, double found, double expected, const std::string& look, double tolerance = 1e-5);

/// Throws what is said unless `holds`.
void require(bool holds, const std::string& what, const std::string& expected, const std::string& found,
             const std::string& look);

/// Numbers between −1 and 1, the same each time for a seed.
rnn::Matrix random_matrix(rnn::Index rows, rnn::Index columns, unsigned seed);
rnn::Sequence random_sequence(rnn::Index steps, rnn::Index batch, rnn::Index features, unsigned seed);

/// tanh(x·W_x + h_before·W_y + b), one sum after the other.
/// Shapes: x (batch × inputs), h_before (batch × n), w_x (inputs × n), w_y (n × n), b (1 × n).
rnn::Matrix plain_step(rnn::ConstView x, rnn::ConstView h_before, rnn::ConstView w_x, rnn::ConstView w_y,
                       rnn::ConstView b);

}  // namespace exercise
