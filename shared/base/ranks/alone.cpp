module;
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

// Built without MPI: there is only this process.
module rnn.base.ranks;

namespace rnn::launched {

Ranks& begin() {
  if (started_rank() != 0) {  // rank 0 says why, as long as no other process has failed before it
    std::this_thread::sleep_for(std::chrono::seconds(1));
    std::_Exit(2);
  }
  throw std::runtime_error("mpirun started " + std::to_string(started_processes()) +
                           " processes, but this program was built without MPI: ./course mpi builds it with MPI");
}

void end() {}
void end_all(int) {}
void report(const std::string&, int status) { std::_Exit(status); }

}  // namespace rnn::launched
