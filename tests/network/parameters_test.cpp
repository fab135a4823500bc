#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.matrix;
import rnn.network.parameters;

using namespace rnn;

static Parameters network() {
  Parameters parameters;
  BOOST_TEST(parameters.add("w_x", 3, 5) == 0u);
  BOOST_TEST(parameters.add("w_y", 5, 5) == 1u);
  BOOST_TEST(parameters.add("b", 1, 5) == 2u);
  return parameters;
}

BOOST_AUTO_TEST_CASE(parameters_are_named_matrices_of_zeros_in_one_buffer) {
  Parameters parameters = network();
  BOOST_REQUIRE(parameters.entries().size() == 3u);
  BOOST_TEST(parameters.entries()[1].name == "w_y");
  BOOST_TEST(parameters.count() == 45u);
  BOOST_TEST(parameters.flat().rows == 1u);
  for (Index k = 0; k < parameters.flat().columns; ++k) BOOST_TEST(parameters.flat().data[k] == Real(0));
  for (Index i = 0; i < 3; ++i) {
    const View w = parameters[i];
    BOOST_TEST(reinterpret_cast<std::uintptr_t>(w.data) % 64 == 0u);
    BOOST_TEST(w.contiguous());
    BOOST_TEST(w.data == parameters.flat().data + parameters.entries()[i].offset);
  }
  BOOST_TEST(shape(parameters["w_x"]) == "3x5");
}

BOOST_AUTO_TEST_CASE(between_parameters_is_no_more_room_than_their_places_take) {
  Parameters parameters;
  const Index places = 64 / sizeof(Real);
  for (const Index columns : {Index(1), places, places + 1, 3 * places, Index(1)}) parameters.add("w", 2, columns);
  Index end = 0;
  for (const Parameters::Entry& entry : parameters.entries()) {
    BOOST_TEST(entry.offset >= end);
    BOOST_TEST(entry.offset < end + places);
    end = entry.offset + entry.rows * entry.columns;
  }
  BOOST_TEST(parameters.flat().columns < end + places);
}

BOOST_AUTO_TEST_CASE(a_further_parameter_leaves_the_others_numbers_as_they_are) {
  Parameters parameters = network();
  parameters["w_x"](2, 4) = Real(7);
  parameters["b"](0, 4) = Real(8);
  parameters.add("w_out", 5, 10);
  BOOST_TEST(parameters["w_x"](2, 4) == Real(7));
  BOOST_TEST(parameters["b"](0, 4) == Real(8));
  BOOST_TEST(parameters["w_out"](4, 9) == Real(0));
}

BOOST_AUTO_TEST_CASE(parameters_do_not_overlap_and_a_const_look_is_the_same_place) {
  Parameters parameters = network();
  for (Index i = 0; i < 3; ++i) fill(parameters[i], Real(i + 1));
  const Parameters& looked_at = parameters;
  for (Index i = 0; i < 3; ++i) {
    const ConstView w = looked_at[i];
    BOOST_TEST(w.data == parameters[i].data);
    for (Index k = 0; k < w.size(); ++k) BOOST_TEST(w.data[k] == Real(i + 1));
  }
}

BOOST_AUTO_TEST_CASE(copies_are_independent) {
  const Parameters original = network();
  Parameters copy = original;
  copy["b"](0, 0) = Real(1);
  BOOST_TEST(original["b"](0, 0) == Real(0));
}

BOOST_AUTO_TEST_CASE(on_a_tape_a_parameters_gradient_goes_to_its_part_of_the_flat_gradient) {
  Parameters parameters = network();
  Matrix gradients(1, parameters.flat().columns, Real(0));
  Tape tape;
  const Var b = parameters.on(tape, parameters.find("b"), gradients);
  BOOST_TEST(b.value().data == parameters["b"].data);
  BOOST_TEST(tape.info(b.index()).operation == "b");
  tape.backward(sum(b));
  const View db = parameters.part(gradients, 2);
  for (Index j = 0; j < 5; ++j) BOOST_TEST(db(0, j) == Real(1));
  double total = 0;
  for (const Real x : gradients.data()) total += x;
  BOOST_TEST(total == 5);
}

BOOST_AUTO_TEST_CASE(wrong_names_and_buffers_are_refused) {
  Parameters parameters = network();
  BOOST_CHECK_EXCEPTION(parameters.find("w_z"), std::invalid_argument, [](const std::invalid_argument& error) {
    return error.what() == std::string("parameters: there is none called w_z");
  });
  Matrix small(1, 10);
  BOOST_CHECK_THROW(parameters.part(small, 0), std::invalid_argument);
  BOOST_CHECK_THROW(parameters[3], std::out_of_range);
  BOOST_TEST(Parameters().count() == 0u);
  BOOST_TEST(shape(ConstView(Parameters().flat())) == "1x0");
}
