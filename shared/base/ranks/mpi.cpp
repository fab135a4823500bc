module;
#include <mpi.h>
#include <sched.h>
#include <sys/prctl.h>

#include <algorithm>
#include <boost/mpi/communicator.hpp>
#include <boost/mpi/environment.hpp>
#include <boost/mpi/request.hpp>
#include <boost/serialization/utility.hpp>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// Built with MPI.
module rnn.base.ranks;

import rnn.base.end_request;
import rnn.base.function_ref;

namespace mpi = boost::mpi;
using namespace std::chrono_literals;

namespace rnn::launched {

namespace {

using Clock = std::chrono::steady_clock;

enum Tag { work = 1, failure = 2 };

/// More bytes than MPI counts with an int go in several messages.
constexpr std::size_t longest_message = std::size_t(1) << 28;

/// A run that is asked to end does so at the end of a step. Whoever waits longer than this for another rank then waits
/// for one that is gone, or that is slower than whoever stops a run is patient: mpirun kills after a second. The others
/// leave time to rank 0, which has something to write.
constexpr auto patience_of_the_first = 500ms, patience_of_the_others = 5000ms;

class MpiRanks final : public Ranks {
 public:
  MpiRanks() : environment_(mpi::threading::funneled, false) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // when mpirun is killed, nobody else ends its processes
  }

  int rank() const override { return world_.rank(); }
  int count() const override { return world_.size(); }

  void send(int to, std::span<const std::byte> bytes) override {
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(bytes.size(), longest_message))) {
      sends_.push_back(world_.isend(to, work, reinterpret_cast<const char*>(bytes.data()), length(bytes.size())));
    }
  }

  void finish_sends() override {
    for (mpi::request& request : sends_) {
      wait([&] { return request.test().has_value(); });
    }
    sends_.clear();
  }

  void receive(int from, std::span<std::byte> bytes) override {
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(bytes.size(), longest_message))) {
      mpi::request request = world_.irecv(from, work, reinterpret_cast<char*>(bytes.data()), length(bytes.size()));
      wait([&] { return request.test().has_value(); });
    }
  }

  void broadcast(int from, std::span<std::byte> bytes) override {
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(bytes.size(), longest_message))) {
      MPI_Request request;  // Boost.MPI's broadcast waits by itself, and would wait forever for a rank that is gone
      MPI_Ibcast(bytes.data(), length(bytes.size()), MPI_BYTE, from, world_, &request);
      wait([&] {
        int done = 0;
        MPI_Test(&request, &done, MPI_STATUS_IGNORE);
        return done != 0;
      });
    }
  }

  void end_all(int status) { mpi::environment::abort(status); }

  [[noreturn]] void report(const std::string& message, int status) {
    const std::string where = "rank " + std::to_string(rank()) + " on " + mpi::environment::processor_name() + ": ";
    world_.send(0, failure, std::pair(status, where + message));
    for (;;) {
      look_around();
      std::this_thread::sleep_for(10ms);
    }
  }

 private:
  static int length(std::size_t bytes) { return static_cast<int>(std::min(bytes, longest_message)); }

  // An answer that is on its way comes soonest to those who never look away. One that takes longer can wait a little,
  // and somebody else may need the core: the rank that is waited for, where there are more ranks than cores.
  void wait(FunctionRef<bool()> is_done) {
    if (is_done()) return;
    const Clock::time_point begin = Clock::now();
    left_alone_since_.reset();
    for (unsigned looks = 0; !is_done(); ++looks) {
      if (crowded_) ::sched_yield();
      if (looks % 64 != 63) continue;
      look_around();
      if (Clock::now() - begin > 200us) std::this_thread::sleep_for(20us);
    }
  }

  // What may happen while one waits: another rank has failed; a signal, and nobody answers any more.
  void look_around() {
    if (rank() == 0) {
      if (const auto found = world_.iprobe(mpi::any_source, failure)) {
        std::pair<int, std::string> told;
        world_.recv(found->source(), failure, told);
        throw RankError(told.second, told.first);
      }
    }
    if (end_requested() == 0) return;
    const Clock::time_point now = Clock::now();
    if (!left_alone_since_) left_alone_since_ = now;
    if (rank() != 0 && now - *left_alone_since_ > patience_of_the_others) std::_Exit(128 + end_requested());
    if (rank() != 0 || now - *left_alone_since_ < patience_of_the_first) return;
    const std::function<int()> keep = std::exchange(keep_what_there_is(), nullptr);
    const int status = keep ? keep() : 128 + end_requested();
    std::cout.flush();
    end_all(status);
  }

  mpi::environment environment_;
  mpi::communicator world_;
  std::vector<mpi::request> sends_;
  const bool crowded_ = processes_on_this_machine() > std::thread::hardware_concurrency();
  std::optional<Clock::time_point> left_alone_since_;
};

std::unique_ptr<MpiRanks>& mpi_ranks() {
  static std::unique_ptr<MpiRanks> ranks;
  return ranks;
}

}  // namespace

Ranks& begin() {
  if (!mpi_ranks()) mpi_ranks() = std::make_unique<MpiRanks>();
  return *mpi_ranks();
}

void end() { mpi_ranks().reset(); }

void end_all(int status) {
  std::cout.flush();
  mpi_ranks()->end_all(status);
}

void report(const std::string& message, int status) { mpi_ranks()->report(message, status); }

}  // namespace rnn::launched
