/// The processes that share the work of a run, on one machine or on many. mpirun starts them and numbers them: their
/// ranks, as MPI says. Rank 0 reads, writes and speaks; the others only compute.
export module rnn.base.ranks;

import rnn.base.std;

export namespace rnn {

/// Some processes, and what they can tell one another. All of them call the same functions in the same order.
class Ranks {
 public:
  virtual ~Ranks() = default;

  /// The number of this process, from 0 to count() − 1.
  virtual int rank() const = 0;
  virtual int count() const = 0;

  /// Begins to send bytes to another rank; they must stay as they are until `finish_sends`.
  virtual void send(int to, std::span<const std::byte> bytes) = 0;
  virtual void finish_sends() = 0;
  /// Waits for as many bytes from another rank. What one rank sends to another arrives in the order of sending.
  virtual void receive(int from, std::span<std::byte> bytes) = 0;
  /// The bytes that rank `from` has become those of all ranks.
  virtual void broadcast(int from, std::span<std::byte> bytes) = 0;
};

/// The processes that work on this run together: this one alone, unless mpirun has started several and the program has
/// made them work together.
Ranks& ranks();

/// True in the process that reads, writes and speaks.
inline bool is_first_rank() { return ranks().rank() == 0; }

/// Rank 0's value becomes that of all ranks: numbers in a row, a number or a struct of numbers, a text, a list of
/// numbers.
template <class T>
void share(std::span<T> numbers) {
  ranks().broadcast(0, std::as_writable_bytes(numbers));
}
template <class T>
  requires std::is_trivially_copyable_v<T>
void share(T& value) {
  share(std::span(&value, 1));
}
void share(std::string& text);
template <class T>
  requires std::is_trivially_copyable_v<T>
void share(std::vector<T>& values) {
  std::size_t size = values.size();
  share(size);
  values.resize(size);
  share(std::span(values));
}

/// What is read or made once, however many processes work together: `load`, which fills `parts`, is called on rank 0,
/// whose files the others may not see; then they have the same parts.
void load_once(std::invocable auto load, auto&... parts) {
  if (is_first_rank()) load();
  (share(parts), ...);
}

/// Checks that something that must be the same everywhere is so: on rank 0, throws std::runtime_error that names the
/// first other rank where it is not, what was expected and what was found. `what` is the word for it: "version".
void require_same(const std::string& what, const std::string& own);

/// An error on another rank, which rank 0 has to tell.
class RankError : public std::runtime_error {
 public:
  inline RankError(const std::string& message, int status) : std::runtime_error(message), status_(status) {}
  inline int status() const { return status_; }

 private:
  int status_;
};

/// What mpirun has started, from here until this object's end, which waits for all processes. Without mpirun there is
/// nothing but this process, and MPI is not touched. A second one, inside the life of the first, has no effect.
class Launch {
 public:
  Launch();
  ~Launch();
  Launch(const Launch&) = delete;
  Launch& operator=(const Launch&) = delete;

  /// Makes ranks() all processes, or this one alone again. Throws std::runtime_error when there are several, and this
  /// program was built without MPI.
  void work_together(bool together);
  /// The rank of this process among all, whether they work together or not.
  int rank() const;
  int count() const;

  /// This process has done its work without an error. On rank 0, waits for all others, which may still report one.
  void finish();
  /// The run is over for all processes: rank 0 has said why. Does not return where there are several.
  void end_all(int status);
  /// For the other ranks: lets rank 0 tell the error, and waits to be ended.
  [[noreturn]] void report(const std::string& message, int status);

  /// What rank 0 does when a signal asks it to end while it waits for a rank that may be gone: keeps what has been
  /// learned, and returns the exit status. It must not talk to other ranks.
  static void when_left_alone(std::function<int()> keep);
};

/// How many processes of this run mpirun has started on this machine; 1 without it.
unsigned processes_on_this_machine();

}  // namespace rnn

// What the implementation units share. It is not exported, so no importer sees it.
namespace rnn::launched {

/// What mpirun says in the environment about its processes; 1 and 0 without it.
int started_processes();
int started_rank();

/// The process alone.
class Alone final : public Ranks {
 public:
  inline int rank() const override { return 0; }
  inline int count() const override { return 1; }
  inline void send(int, std::span<const std::byte>) override {}
  inline void finish_sends() override {}
  inline void receive(int, std::span<std::byte>) override {}
  inline void broadcast(int, std::span<std::byte>) override {}
};

/// All processes, in a program that was built with MPI: ranks/mpi.cpp, or ranks/alone.cpp.
Ranks& begin();
void end();
void end_all(int status);
[[noreturn]] void report(const std::string& message, int status);

/// The function of when_left_alone; empty where there is none.
std::function<int()>& keep_what_there_is();

}  // namespace rnn::launched
