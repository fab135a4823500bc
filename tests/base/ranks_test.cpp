#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <string>
#include <vector>

import rnn.base.ranks;

using namespace rnn;

// Several processes are what the tests of chapters start. Here there is one.

BOOST_AUTO_TEST_CASE(a_process_alone_is_the_first_of_one_and_keeps_what_it_shares) {
  BOOST_TEST((is_first_rank() && ranks().rank() == 0 && ranks().count() == 1));
  int number = 7;
  std::string text = "some text";
  std::vector<double> numbers = {1, 2, 3};
  bool loaded = false;
  load_once([&] { loaded = true; }, number, text, numbers);
  BOOST_TEST((loaded && number == 7 && text == "some text" && numbers == std::vector<double>{1, 2, 3}));
  BOOST_CHECK_NO_THROW(require_same("version", "1"));
}

BOOST_AUTO_TEST_CASE(without_mpirun_nothing_is_launched) {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}) ::unsetenv(name);
  Launch launch;
  {
    const Launch second;
    launch.work_together(true);
  }
  BOOST_TEST((launch.rank() == 0 && launch.count() == 1 && ranks().count() == 1));
  launch.finish();
  launch.end_all(3);  // returns: there is nobody to end
  launch.work_together(false);
  BOOST_TEST(ranks().count() == 1);
}

BOOST_AUTO_TEST_CASE(mpirun_says_how_many_processes_there_are_on_a_machine) {
  const auto processes = [](const char* of_open_mpi, const char* of_mpich) {
    of_open_mpi ? ::setenv("OMPI_COMM_WORLD_LOCAL_SIZE", of_open_mpi, 1) : ::unsetenv("OMPI_COMM_WORLD_LOCAL_SIZE");
    of_mpich ? ::setenv("MPI_LOCALNRANKS", of_mpich, 1) : ::unsetenv("MPI_LOCALNRANKS");
    return processes_on_this_machine();
  };
  BOOST_TEST(processes("3", "5") == 3u);
  BOOST_TEST(processes("9", nullptr) == 9u);
  BOOST_TEST(processes(nullptr, "5") == 5u);
  BOOST_TEST(processes("x", "5") == 5u);
  BOOST_TEST(processes("", "-5") == 1u);
  BOOST_TEST(processes("0", nullptr) == 1u);
  BOOST_TEST(processes(nullptr, nullptr) == 1u);
}
