module;
#include <string_view>

/// Open files as the system knows them: numbers that must be closed, calls that signals interrupt.
export module rnn.base.descriptor;

export namespace rnn {

/// An open file that is closed whatever happens.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  /// Below 0 when nothing is open.
  inline int number() const { return number_; }
  inline explicit operator bool() const { return number_ >= 0; }
  /// Closes it; 0, or the system's error for what had been written and is lost.
  int close();

 private:
  int number_ = -1;
};

/// Opens the file `name`, seen from the open folder `folder` (AT_FDCWD: from the current one); on exec it is closed.
/// Nothing is open afterwards, and errno says why, when that fails.
Descriptor open_file(int folder, const char* name, int flags, unsigned mode = 0666);

/// Writes all the bytes. Returns 0 or the system's error.
int write_all(int file, std::string_view bytes);

/// The same for what may keep a writer waiting: pipes, terminals, devices. A reader that went away is the error EPIPE,
/// without a signal. When the program is asked to end and nobody reads for a second, it is EINTR.
int write_when_read(int file, std::string_view bytes);

/// Opens a pipe that has a name, or a device, for writing, and waits for a reader as patiently as write_when_read.
Descriptor open_when_read(const char* name);

}  // namespace rnn
