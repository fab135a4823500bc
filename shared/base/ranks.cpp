module;
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

module rnn.base.ranks;

namespace rnn {

static launched::Alone alone;
static Ranks* processes = nullptr;  // null: they have not begun
static Ranks* together = &alone;
static int launches = 0;

Ranks& ranks() { return *together; }

void share(std::string& text) {
  std::size_t size = text.size();
  share(size);
  text.resize(size);
  share(std::span(text));
}

static void send_text(int to, const std::string& text) {
  const std::size_t size = text.size();
  ranks().send(to, std::as_bytes(std::span(&size, 1)));
  ranks().send(to, std::as_bytes(std::span(text)));
  ranks().finish_sends();
}

static std::string receive_text(int from) {
  std::size_t size = 0;
  ranks().receive(from, std::as_writable_bytes(std::span(&size, 1)));
  std::string text(size, '\0');
  ranks().receive(from, std::as_writable_bytes(std::span(text)));
  return text;
}

void require_same(const std::string& what, const std::string& own) {
  if (ranks().rank() != 0) return send_text(0, own);
  std::string problem;
  for (int rank = 1; rank < ranks().count(); ++rank) {
    const std::string found = receive_text(rank);
    if (!problem.empty() || found == own) continue;
    problem = what + " of rank " + std::to_string(rank) + ": expected " + own + ", as rank 0 has, found " + found;
  }
  if (!problem.empty()) throw std::runtime_error(problem);
}

Launch::Launch() { ++launches; }

Launch::~Launch() {
  if (--launches > 0) return;
  together = &alone;
  if (std::exchange(processes, nullptr)) launched::end();
  launched::keep_what_there_is() = nullptr;
}

void Launch::work_together(bool is_so) {
  if (!processes) processes = launched::started_processes() > 1 ? &launched::begin() : &alone;
  together = is_so ? processes : &alone;
}

int Launch::rank() const { return processes ? processes->rank() : 0; }
int Launch::count() const { return processes ? processes->count() : 1; }

void Launch::finish() {
  launched::keep_what_there_is() = nullptr;
  std::byte done{};
  if (rank() != 0) {
    processes->send(0, std::span(&done, 1));
    return processes->finish_sends();
  }
  for (int other = 1; other < count(); ++other) processes->receive(other, std::span(&done, 1));
}

void Launch::end_all(int status) {
  if (count() > 1) launched::end_all(status);
}

void Launch::report(const std::string& message, int status) { launched::report(message, status); }

void Launch::when_left_alone(std::function<int()> keep) { launched::keep_what_there_is() = std::move(keep); }

std::function<int()>& launched::keep_what_there_is() {
  static std::function<int()> keep;
  return keep;
}

// The first of some variables that is a number: Open MPI's, then what MPICH and Slurm set.
static int number_in_environment(std::initializer_list<const char*> names, int otherwise) {
  for (const char* name : names) {
    const char* text = std::getenv(name);
    if (text && *text >= '0' && *text <= '9') return std::atoi(text);
  }
  return otherwise;
}

int launched::started_processes() { return number_in_environment({"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}, 1); }
int launched::started_rank() { return number_in_environment({"OMPI_COMM_WORLD_RANK", "PMI_RANK"}, 0); }

unsigned processes_on_this_machine() {
  const int number = number_in_environment({"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS"}, 1);
  return number > 0 ? static_cast<unsigned>(number) : 1;
}

}  // namespace rnn
