module;
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <memory>
#include <ostream>
#include <streambuf>
#include <string>
#include <utility>

module rnn.console.output;

import rnn.base.descriptor;

namespace rnn {

namespace {

/// Collects what is written, and passes it on when it is flushed.
class Patient : public std::streambuf {
 public:
  explicit Patient(int file) : file_(file) {}

 protected:
  int_type overflow(int_type character) override {
    if (!traits_type::eq_int_type(character, traits_type::eof())) text_ += traits_type::to_char_type(character);
    return traits_type::not_eof(character);
  }
  std::streamsize xsputn(const char* text, std::streamsize count) override {
    text_.append(text, static_cast<std::size_t>(count));
    return count;
  }
  int sync() override {
    const int error = write_when_read(file_, std::exchange(text_, {}));
    if (error != 0) errno = error;
    return error == 0 ? 0 : -1;
  }

 private:
  int file_;
  std::string text_;
};

/// Lets a stream write there. Its state stays: whether everything has arrived so far.
std::streambuf* redirect(std::ostream& stream, std::streambuf* buffer) {
  stream.flush();
  const std::ios_base::iostate state = stream.rdstate();
  std::streambuf* before = stream.rdbuf(buffer);
  stream.clear(state);
  return before;
}

}  // namespace

PatientOutput::PatientOutput()
    : out_(std::make_unique<Patient>(STDOUT_FILENO)),
      err_(std::make_unique<Patient>(STDERR_FILENO)),
      out_before_(redirect(std::cout, out_.get())),
      err_before_(redirect(std::cerr, err_.get())) {}

PatientOutput::~PatientOutput() {
  redirect(std::cout, out_before_);
  redirect(std::cerr, err_before_);
}

}  // namespace rnn
