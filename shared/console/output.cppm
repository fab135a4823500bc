/// Standard output and standard error of a program that must be able to end.
export module rnn.console.output;

import rnn.base.std;

export namespace rnn {

/// As long as it lives, std::cout and std::cerr wait for whoever reads them (a pipe that is full, a terminal that was
/// stopped), but no more than a second once a signal has asked the program to end. What was not read by then is lost,
/// and the stream is bad; errno says why. There may be one at a time.
class PatientOutput {
 public:
  PatientOutput();
  ~PatientOutput();
  PatientOutput(const PatientOutput&) = delete;
  PatientOutput& operator=(const PatientOutput&) = delete;

 private:
  std::unique_ptr<std::streambuf> out_, err_;
  std::streambuf *out_before_, *err_before_;
};

}  // namespace rnn
