/// Open files at the level of system calls: numbers that must be closed, calls that signals interrupt.
export module rnn.base.descriptor;

import rnn.base.std;

export namespace rnn {

/// An open file, closed whatever happens.
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
  /// Closes it. Returns 0, or the system's error if something that was written has been lost.
  int close();

 private:
  int number_ = -1;
};

/// Opens the file `name`, relative to the open folder `folder` (AT_FDCWD: the current one); it is closed on exec. On
/// failure nothing is open, and errno says why.
Descriptor open_file(int folder, const char* name, int flags, unsigned mode = 0666);

/// Writes all the bytes. Returns 0 or the system's error.
int write_all(int file, std::string_view bytes);

/// The same for files that can keep a writer waiting: pipes, terminals, devices. A reader that went away is the error
/// EPIPE, without a signal. EINTR means that the program was asked to end and nobody read for a second.
int write_when_read(int file, std::string_view bytes);

/// Opens a named pipe or a device for writing, and waits for a reader as patiently as write_when_read does.
Descriptor open_when_read(const char* name);

}  // namespace rnn
