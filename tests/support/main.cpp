// The main of all test programs; each suite's name is that of its program.
#define BOOST_TEST_MODULE unrolled
#include <boost/test/unit_test.hpp>
